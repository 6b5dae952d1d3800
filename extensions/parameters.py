"""Questions that a capture makes out of literals: `--param epochs=20`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta

from extensions.model import CaptureError, Value
from extensions.variants import expressions

NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
OPTION = re.compile(
    r"(?P<name>[^=]*)=(?P<text>.*?)(?:,type=(?P<type>int|float|bool|str))?(?:,help=(?P<help>.*))?",
    re.DOTALL,
)
QUESTION = re.compile(r"^([A-Za-z]\w*):", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """A literal of the project that becomes a question with that literal as its default."""

    name: str
    text: str
    type: str
    help: str

    @property
    def value(self) -> Value:
        """The text that is looked for; only a text has variants."""
        return Value(self.name, self.text, is_parameter=True, has_variants=self.type == "str")

    @property
    def default(self) -> int | float | bool | str:
        """The literal as the question's type."""
        return TYPES[self.type](self.text)


# `bool` would take any text for true.
TYPES: dict[str, Callable[[str], int | float | bool | str]] = {
    "int": int,
    "float": float,
    "bool": lambda text: {"True": True, "False": False}[text],
    "str": str,
}


def parse(option: str) -> Parameter:
    """Read `NAME=LITERAL[,type=TYPE][,help=TEXT]`."""
    found = OPTION.fullmatch(option)
    if not found or not found["text"]:
        raise CaptureError(
            f"--param {option}: a name, `=` and a literal of the project are wanted, such as "
            "--param epochs=20 or --param epochs=20,type=int,help='How many epochs?'",
            code=2,
        )
    name, text = found["name"], found["text"]
    if not NAME.fullmatch(name):
        raise CaptureError(
            f"--param {option}: {name!r} cannot name a question. Begin with a small letter, and "
            "go on with small letters, digits and underscores.",
            code=2,
        )
    type_ = found["type"] or next(type_ for type_ in TYPES if writes(type_, text))
    if not writes(type_, text):
        raise CaptureError(
            f"--param {option}: as a {type_}, the template would not write {text!r} as it stands. "
            "Leave the type out, or take type=str.",
            code=2,
        )
    return Parameter(name, text, type_, found["help"] or f"{name.replace('_', ' ').capitalize()}?")


def writes(type_: str, text: str) -> bool:
    """Return whether a value of this type is written as the text."""
    try:
        value = TYPES[type_](text)
    except (ValueError, KeyError):
        return False
    return str(value) == text and not (isinstance(value, float) and not math.isfinite(value))


def check_names(
    parameters: Iterable[Parameter], repository: Path, template: str, environment: Environment
) -> list[str]:
    """Return what is wrong with the names, beside the questions that there are."""
    owners = questions(repository, template)
    problems = []
    for parameter in parameters:
        names = [parameter.name]
        if parameter.type == "str":
            names += expressions(parameter.name)
        problems += [
            f"--param {parameter.name}: {owners[name]} has a question {name!r} already. "
            "Call the parameter otherwise."
            for name in names
            if name in owners
        ]
        if not is_variable(parameter.name, environment):
            problems.append(
                f"--param {parameter.name}: the name is a word of Jinja. Call it otherwise."
            )
    return problems


def questions(repository: Path, template: str) -> dict[str, str]:
    """Return which file has which question, without those of a template itself."""
    files = [repository / "copier.yml", *sorted(repository.glob("templates/_questions/*.yml"))]
    return {
        name: path.relative_to(repository).as_posix()
        for path in files
        if path.stem != template
        for name in QUESTION.findall(path.read_text("utf-8"))
    }


def is_variable(name: str, environment: Environment) -> bool:
    """Return whether Jinja takes a name for a variable."""
    try:
        start, end = environment.variable_start_string, environment.variable_end_string
        tree = environment.parse(f"{start} {name} {end}")
    except TemplateSyntaxError:
        return False
    return name in meta.find_undeclared_variables(tree) and name not in environment.globals
