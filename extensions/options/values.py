"""The texts of a project that its template asks for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from extensions.model import Value
from extensions.options.parameters import questions
from extensions.options.recipe import Recipe
from extensions.reading.refusals import ANSWERS
from extensions.rendering.staging import captured_ancestors
from extensions.reporting.progress import paused

# In the order of copier.yml; whether the forms of the answer count too.
TEXTS = {"project_name": True, "description": False, "image_name": False, "base_image": False}

# A shorter one, such as `python:3.13`, is in many places that do not mean the base image.
SHORTEST_BASE_IMAGE = 12


def original_answers(answers: Mapping[str, Any] | None, recipe: Recipe) -> dict[str, Any]:
    """Return the project's answers: those it has recorded, and those that are given."""
    recorded = {name: value for name, value in (answers or {}).items() if name[:1] != "_"}
    given = {name: typed(name, text) for name, text in recipe.data.items()}
    return recorded | given


def typed(name: str, text: str) -> str | bool:
    """Return an answer of the command line; only a question without a text is a yes or a no."""
    value = yaml.safe_load(text) if name not in TEXTS else text
    return value if isinstance(value, bool) else text


def problems_of(answers: Mapping[str, Any], recipe: Recipe, repository: Path) -> list[str]:
    """Return what is missing and what nobody asks for, each with its remedy."""
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
    """Ask for the project's name where nobody has said it and a person is there to answer."""
    if original_answers(answers, recipe).get("project_name") or not sys.stdin.isatty():
        return recipe
    with paused() as screen:
        print("What is the project called, as the name stands in its files? ", end="", file=screen)
        screen.flush()
        name = sys.stdin.readline().strip()
    return recipe.then(Recipe(data={"project_name": name})) if name else recipe


def values_of(answers: Mapping[str, Any], recipe: Recipe) -> list[Value]:
    """Return what to look for in the files: parameters after the answers, as in the questions."""
    found = [
        Value(name, str(answers[name]), has_forms=has_forms)
        for name, has_forms in TEXTS.items()
        if answers.get(name)
    ]
    texts = [
        value
        for value in found
        if value.name != "base_image" or len(value.text) >= SHORTEST_BASE_IMAGE
    ]
    return texts + [parameter.value for parameter in recipe.parameters]


def inherited_values(
    answers: Mapping[str, Any], repository: Path, template: str | None
) -> list[Value]:
    """Return the answers to the questions of captured ancestors, which the new template asks too.

    Their variables stand in inherited files; an own file that replaces one has the answer.
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


def recorded_answers(path: Path) -> Mapping[str, Any]:
    """Return what a project's answers file says, before the project is read as a whole."""
    try:
        answers = yaml.safe_load((path / ANSWERS).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        # What is wrong with it is said when the project is read.
        return {}
    return answers if isinstance(answers, dict) else {}
