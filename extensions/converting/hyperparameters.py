"""Hyperparameters with a type: from the settings, and from what the old code asks for."""

from __future__ import annotations

import ast
import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from extensions.converting import syntax
from extensions.converting.notes import Notes, names

# What a field of pydantic's models cannot be called.
TAKEN = {"construct", "copy", "dict", "fields", "json", "schema", "validate"}


@dataclass(frozen=True)
class Hyperparameter:
    """A hyperparameter.

    Attributes:
        name: As the old code knows it.
        field: As `Hyperparameters` and mldock.json have it.
        default: What it is if nobody says otherwise.
        is_given: Whether the old settings set it.

    """

    name: str
    field: str
    default: Any
    is_given: bool

    @property
    def annotation(self) -> str:
        """Its type, as its value has it."""
        known = {"list": "list[Any]", "dict": "dict[str, Any]", "NoneType": "Any"}
        kind = type(self.default).__name__
        return known.get(kind, kind)

    @property
    def line(self) -> str:
        """Its line in `Hyperparameters`."""
        return f"    {self.field}: {self.annotation} = {literal(self.default)}"


def hyperparameters(
    settings: Mapping[str, Any], tree: ast.Module | None, notes: Notes
) -> list[Hyperparameter]:
    """Return those that the settings give, then those that the trainer asks for besides."""
    asked = syntax.hyperparameters(tree)
    values = {str(name): plain(value) for name, value in settings.items()}
    found: dict[str, Hyperparameter] = {}
    for name in [*values, *(name for name in asked if name not in values)]:
        default = values[name] if name in values else constant(asked[name])
        one = Hyperparameter(name, field_of(name), default, is_given=name in values)
        if found.setdefault(one.field, one) is not one:
            other = found[one.field].name
            notes.must.append(f"mldock.json: {name} and {other} are one hyperparameter now.")
    tell(list(found.values()), asked, notes)
    return list(found.values())


def tell(found: list[Hyperparameter], asked: Mapping[str, ast.expr | None], notes: Notes) -> None:
    """Tell what a person should look at."""
    if renamed := [f"{one.name} -> {one.field}" for one in found if one.name != one.field]:
        notes.adapted.append(f"Hyperparameters have names of Python: {names(renamed)}.")
    numbers = [one.name for one in found if isinstance(one.default, str) and is_number(one.default)]
    if numbers:
        notes.should.append(
            f"The hyperparameters {names(numbers)} are numbers in quotes. If they are meant as "
            "numbers, take the quotes away in mldock.json, and in src/trainer.py, with its type."
        )
    if bare := [one.name for one in found if one.default is None and asked.get(one.name)]:
        notes.should.append(f"src/trainer.py: say what {names(bare)} is by default, and its type.")


def field_of(name: str) -> str:
    """Return a name that a field can have."""
    field = re.sub(r"\W", "_", name).strip("_") or "value"
    if field[0].isdigit() or field.startswith("model_"):
        field = f"p_{field}"
    return f"{field}_" if keyword.iskeyword(field) or field in TAKEN else field


def plain(value: Any) -> Any:
    """Return a value as JSON has it; YAML knows dates too."""
    return json.loads(json.dumps(value, default=str))


def constant(node: ast.expr | None) -> Any:
    """Return a value that stands in the code, or nothing."""
    try:
        return None if node is None else plain(ast.literal_eval(node))
    except (ValueError, TypeError):
        return None


def is_number(text: str) -> bool:
    """Say whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def literal(value: Any) -> str:
    """Return a value as Python source, with double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
