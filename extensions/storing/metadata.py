"""What makes a folder a template: its description, its questions, its test, its section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment

from extensions.forms import expressions, forms
from extensions.model import CaptureError, Site, Value
from extensions.options.parameters import Parameter
from extensions.reverse import reverse

NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
BUILT_IN = ("generic", "pytorch", "sklearn")
TEMPLATES = Path(__file__).parent / "templates"


def name_of(wanted: str | None, answers: Mapping[str, Any]) -> str:
    """Return the name of the template: what is wanted, or the project's name in kebab case.

    Returns:
        Nothing, if neither is known.

    Raises:
        CaptureError: No template may be called so.

    """
    called = Value("project_name", str(answers.get("project_name") or ""), has_forms=True)
    spelled = {form.variable: form.text for form in forms(called)}
    name = wanted if wanted is not None else spelled.get("project_kebab", "")
    if wanted is not None or called.text:
        check_name(name)
    return name


def check_name(name: str) -> None:
    """Refuse a name that no template may have."""
    if name in BUILT_IN:
        raise CaptureError(
            f"--name {name}: that template is part of this repository. Take another name.", code=2
        )
    if not NAME.fullmatch(name):
        raise CaptureError(
            f"{name!r} is no name of a template. Take one of 2 to 41 small letters, digits and "
            "dashes that begins with a letter: --name NAME",
            code=2,
        )


def check_is_not_parent(name: str, recorded: Mapping[str, Any]) -> None:
    """Refuse the name of the template that the project comes from: it would include itself."""
    if name and name == recorded.get("template"):
        raise CaptureError(
            f"The project was made from the template {name!r}. Give the new one another name: "
            "--name NAME",
            code=2,
        )


def description(
    parts: Mapping[str, object], fixed: Mapping[str, Any], captured: Mapping[str, Any]
) -> str:
    """Return `templates/NAME.yml`.

    Args:
        parts: What it says of the template.
        fixed: The answers that the template has for good.
        captured: The record of the capture.

    """
    record = "# How it was made: the next capture of the project reads it.\n"
    kept = dump({"fixed": dict(fixed)}) if fixed else ""
    return dump(parts) + kept + record + dump({"captured": captured})


def questions(
    name: str, parameters: Iterable[Parameter], sites: Iterable[Site], environment: Environment
) -> str | None:
    """Return `templates/_questions/NAME.yml`, or None if the template has no own questions."""
    substituted = [site for site in sites if site.status.is_substituted]
    variables = {site.form.variable for site in substituted}
    named = {site.form.variable for site in substituted if site.in_name}
    asked: dict[str, object] = {}
    for parameter in parameters:
        asked[parameter.name] = question(name, parameter, parameter.name in named, environment)
        if parameter.type == "str":
            asked |= {
                variable: {"type": "str", "when": False, "default": expression}
                for variable, expression in expressions(parameter.name).items()
                if variable in variables
            }
    return dump(asked) if asked else None


def question(
    template: str, parameter: Parameter, in_names: bool, environment: Environment
) -> dict[str, object]:
    """Return a question that is asked for one template alone."""
    default = parameter.default
    asked: dict[str, object] = {
        "type": parameter.type,
        "help": reverse(environment, parameter.help, ()),
        "default": reverse(environment, default, ()) if isinstance(default, str) else default,
        "when": asked_for(template),
    }
    if isinstance(default, str) and (validator := validator_of(parameter.name, default, in_names)):
        asked["validator"] = validator
    return asked


def asked_for(template: str) -> str:
    """Return the condition of a template's own question: templates made of its projects ask too."""
    described = "(template_index | selectattr('name', 'equalto', template) | first)"
    heirs = f"'{template}' in {described}.ancestors | default([])"
    return f"{{{{ template == '{template}' or {heirs} }}}}"


def validator_of(name: str, text: str, in_names: bool) -> str | None:
    """Return what keeps files from being lost: a part of a path must not come out empty."""
    rules = [
        (r"[^\W_]", "At least one letter or digit."),
        (r"^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?\Z", "Only what may stand in a file's name."),
    ]
    for pattern, message in reversed(rules[: 2 if in_names else 1]):
        if re.search(pattern, text):
            escaped = pattern.replace("\\", "\\\\")
            return f"{{% if not {name} | regex_search('{escaped}') %}}{message}{{% endif %}}"
    return None


def rendered(template: str, environment: Environment, **parts: object) -> str:
    """Return a generated file, from its template beside this module."""
    source = (TEMPLATES / f"{template}.jinja").read_text("utf-8")
    return environment.from_string(source).render(**parts)


def dump(parts: Mapping[str, object]) -> str:
    """Return a mapping as YAML that people can read."""
    text = yaml.safe_dump(dict(parts), allow_unicode=True, sort_keys=False, width=100)
    if yaml.safe_load(text) == parts:
        return text
    # Unescaped, U+0085 and U+2028 are ends of lines in YAML, and come back as blanks.
    return yaml.safe_dump(dict(parts), sort_keys=False, width=100)
