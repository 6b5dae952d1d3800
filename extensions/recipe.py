"""What the user decided about a capture, and the values of the project that follow from it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from extensions.model import Value
from extensions.parameters import Parameter, questions
from extensions.refusals import ANSWERS
from extensions.rendering import captured_ancestors
from extensions.runtime import QUESTION

# In the order of copier.yml; whether the case variants of the answer count too.
TEXTS = {
    "project_name": True,
    "description": False,
    "image_name": False,
    "base_image": False,
    QUESTION: False,
}

# A shorter one, such as `python:3.13`, is in many places that do not mean the base image.
SHORTEST_BASE_IMAGE = 12


@dataclass(frozen=True)
class Recipe:
    """All that shapes a template beside the project and the repository. It is recorded.

    Attributes:
        title: What stands in the list of templates; empty if it follows from the project.
        predicts: What a project of the template predicts; empty if it follows from the project.
        data: Answers that the project has not recorded, or that replace those it has.
        parameters: Literals that become questions.
        fix: Choices that the template does not ask for.
        decisions: By place: `keep`, or the variable that stands there.
        allowed: Findings that are not secrets.

    """

    title: str = ""
    predicts: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    fix: tuple[str, ...] = ()
    decisions: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return what `from_record` reads, without what is empty."""
        parts = {name: part for name, part in asdict(self).items() if part}
        return {
            name: list(part) if isinstance(part, tuple) else part for name, part in parts.items()
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Recipe:
        """Return the recipe that was recorded."""
        parts: dict[str, Any] = {
            name: tuple(part) if isinstance(part, list) else part for name, part in record.items()
        }
        parts["parameters"] = tuple(Parameter(**one) for one in parts.get("parameters", ()))
        return cls(**parts)

    def then(self, later: Recipe) -> Recipe:
        """Return this with what was decided later, which wins."""
        names = {parameter.name for parameter in later.parameters}
        earlier = tuple(one for one in self.parameters if one.name not in names)
        return replace(
            self,
            title=later.title or self.title,
            predicts=later.predicts or self.predicts,
            data={**self.data, **later.data},
            parameters=earlier + later.parameters,
            fix=tuple(dict.fromkeys(self.fix + later.fix)),
            decisions={**self.decisions, **later.decisions},
            allowed=tuple(dict.fromkeys(self.allowed + later.allowed)),
        )


def recorded_answers(path: Path) -> Mapping[str, Any]:
    """Return what a project's answers file has, before the project is read as a whole."""
    try:
        answers = yaml.safe_load((path / ANSWERS).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        # What is wrong with it is reported when the project is read.
        return {}
    return answers if isinstance(answers, dict) else {}


def original_answers(answers: Mapping[str, Any] | None, recipe: Recipe) -> dict[str, Any]:
    """Return the project's answers: those it has recorded, and those that are given."""
    recorded = {name: value for name, value in (answers or {}).items() if name[:1] != "_"}
    return recorded | {name: typed(name, text) for name, text in recipe.data.items()}


def typed(name: str, text: str) -> str | bool:
    """Return an answer of the command line; only a question without a text is a bool."""
    value = yaml.safe_load(text) if name not in TEXTS else text
    return value if isinstance(value, bool) else text


def problems_of(answers: Mapping[str, Any], recipe: Recipe, repository: Path) -> list[str]:
    """Return what is missing and what no question asks for, each with its remedy."""
    known = questions(repository, "")
    problems = [
        f"--data {name}: no template has such a question. For a new one, name a literal of the "
        f"project: --param {name}={text}"
        for name, text in recipe.data.items()
        if name not in known
    ]
    if not answers.get("project_name"):
        problems.append(
            "The project has not recorded what it is called. Say it: --data project_name=NAME, "
            "as the name stands in the project's files."
        )
    return problems


def ask_name(recipe: Recipe, answers: Mapping[str, Any] | None) -> Recipe:
    """Ask for the project's name where it is unknown and there is a terminal."""
    if original_answers(answers, recipe).get("project_name") or not sys.stdin.isatty():
        return recipe
    sys.stderr.write("What is the project called, as the name stands in its files? ")
    sys.stderr.flush()
    name = sys.stdin.readline().strip()
    return recipe.then(Recipe(data={"project_name": name})) if name else recipe


def values_of(answers: Mapping[str, Any], recipe: Recipe) -> list[Value]:
    """Return what to look for in the files: parameters after the answers, as in the questions."""
    found = [
        Value(name, str(answers[name]), has_variants=has_variants)
        for name, has_variants in TEXTS.items()
        if answers.get(name)
        and (name != "base_image" or len(str(answers[name])) >= SHORTEST_BASE_IMAGE)
    ]
    return found + [parameter.value for parameter in recipe.parameters]


def inherited_values(
    answers: Mapping[str, Any], repository: Path, template: str | None
) -> list[Value]:
    """Return the answers to the questions of captured ancestors, which the new template asks too.

    Inherited files have their variables; an own file that replaces one has the answer.
    """
    found = []
    for ancestor in captured_ancestors(repository / "templates", template):
        path = repository / "templates" / "_questions" / f"{ancestor}.yml"
        asked = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}
        found += [
            Value(name, str(answers[name]), is_parameter=True)
            for name, question in asked.items()
            if question.get("when") is not False and answers.get(name) not in (None, "")
        ]
    return found
