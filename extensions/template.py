"""A template's name, sources and own questions, as a project's files and the user give them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment

from extensions.model import CaptureError, File, Occurrence, Tree, Value
from extensions.occurrences import grouped
from extensions.parameters import Parameter
from extensions.refusals import SUFFIX
from extensions.reverse import reverse, reverse_name
from extensions.variants import case_of, expressions, variants

NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
BUILT_IN = ("generic", "pytorch", "sklearn")

ANSWERS_SOURCE = "{{ _copier_conf.answers_file }}.jinja"
ANSWERS_TEXT = '{% include "templates/_shared/project/copier-answers.yml" -%}\n'

# Under these names git would take them for its own in the repository of the templates.
INERT = {".gitignore", ".gitattributes"}


def name_of(wanted: str | None, answers: Mapping[str, Any]) -> str:
    """Return the name of the template: what is wanted, or the project's name in kebab case.

    Returns:
        An empty text if neither is known.

    """
    project = Value("project_name", str(answers.get("project_name") or ""), has_variants=True)
    spelled = {case_of(variant): variant.text for variant in variants(project)}
    name = wanted if wanted is not None else spelled.get("kebab", "")
    if wanted is None and not project.text:
        return ""
    if name in BUILT_IN:
        raise CaptureError(
            f"--name {name}: that template is part of this repository. Take another name.", code=2
        )
    if not NAME.fullmatch(name):
        raise CaptureError(
            f"{name!r} is not a name of a template. Take one of 2 to 41 small letters, digits and "
            "dashes that begins with a letter: --name NAME",
            code=2,
        )
    if name == answers.get("template"):
        # It would include itself.
        raise CaptureError(
            f"The project was made from the template {name!r}. Give the new one another name: "
            "--name NAME",
            code=2,
        )
    return name


def build(
    files: Tree, occurrences: Iterable[Occurrence], inherited: Tree, environment: Environment
) -> dict[str, File]:
    """Return the sources of a template, by path in its folder."""
    substituted = grouped(one for one in occurrences if one.status.is_substituted)
    sources: dict[str, File] = {ANSWERS_SOURCE: File(ANSWERS_TEXT.encode()), **inherited}
    problems = []
    for path, file in sorted(files.items()):
        there = substituted.get(path, [])
        name = reverse_name(path, there)
        is_rendered = path.rsplit("/", 1)[-1] in INERT or path.endswith(SUFFIX)
        if not is_rendered and all(one.in_name for one in there):
            sources[name] = file
        elif (text := file.text) is None:
            problems.append(
                f"{path} is not UTF-8 text, but a file of that name is read as Jinja. Rename it in "
                "the project, or save it as UTF-8."
            )
        else:
            source = reverse(environment, text, there)
            sources[name + SUFFIX] = File(source.encode(), file.executable)
    problems += [
        f"{name.removesuffix(SUFFIX)} and {name} are both in the project, and the first has a "
        "value in it: Copier would take the second for the first one's source. Rename one, or keep "
        f"the value in the first by a decision: {name.removesuffix(SUFFIX)}: keep"
        for name in sources
        if name.endswith(SUFFIX) and name + SUFFIX in sources
    ]
    if problems:
        raise CaptureError("\n".join(problems))
    return sources


def is_plain(path: str, file: File) -> bool:
    """Return whether Copier copies a source as it is, its name too."""
    return file.link is None and not path.endswith(SUFFIX) and "{" not in path


def questions_for(
    template: str,
    parameters: Iterable[Parameter],
    occurrences: Iterable[Occurrence],
    environment: Environment,
) -> dict[str, dict[str, Any]]:
    """Return the questions of one template alone, which its parameters are."""
    substituted = [one for one in occurrences if one.status.is_substituted]
    used = {one.variant.variable for one in substituted}
    in_names = {one.variant.variable for one in substituted if one.in_name}
    asked: dict[str, dict[str, Any]] = {}
    for parameter in parameters:
        in_name = parameter.name in in_names
        asked[parameter.name] = question(template, parameter, in_name, environment)
        if parameter.type == "str":
            asked |= {
                variable: {"type": "str", "when": False, "default": expression}
                for variable, expression in expressions(parameter.name).items()
                if variable in used
            }
    return asked


def question(
    template: str, parameter: Parameter, in_names: bool, environment: Environment
) -> dict[str, Any]:
    """Return a question that is asked for one template alone."""
    default = parameter.default
    asked: dict[str, Any] = {
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
