"""An example of a type: made where the type says enough, else asked for."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from mldock.example import example
from pydantic import AfterValidator, BaseModel, Field, create_model


class Colour(Enum):
    """A type that is referred to."""

    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    """A type within a row."""

    x: float
    y: Annotated[float, Field(le=-1)] = -3


class Tree(BaseModel):
    """A type that holds itself, and may end."""

    children: list[Tree]
    parent: Tree | None


class Endless(BaseModel):
    """A type that must hold itself, so that it has no value at all."""

    inner: Endless


def odd(number: int) -> int:
    """Refuse even numbers, which no schema can tell."""
    if number % 2 == 0:
        raise ValueError("even")
    return number


def row_of(field: Any) -> type[BaseModel]:
    """Return a type of rows with one field."""
    return create_model("Row", value=field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ((float, Field(ge=0, examples=[17.99, 2])), 17.99),
        ((Literal["a", "b"], Field("b", examples=["a"])), "a"),
        ((float | None, ...), 0.0),
        ((Annotated[float, Field(ge=0, le=1)], ...), 0.5),
        ((Annotated[float, Field(gt=0)], ...), 1.0),
        ((Annotated[float, Field(le=-5)], ...), -6.0),
        ((Annotated[float, Field(ge=0.2, le=0.35, multiple_of=0.1)], ...), 0.2),
        ((Colour, ...), "red"),
        ((str, ...), "text"),
        ((Annotated[str, Field(min_length=6)], ...), "texttt"),
        ((Annotated[str, Field(pattern="^[A-Z]{3}$")], ...), "AAA"),
        ((Annotated[int, Field(ge=0, gt=5)], ...), 6),
        ((Annotated[int, Field(ge=2**53 + 1, le=2**53 + 1)], ...), 2**53 + 1),
        ((datetime.date, ...), "2000-01-31"),
        ((Point, ...), {"x": 0.0, "y": -3}),
        ((Annotated[list[int], Field(min_length=3)], ...), [0, 0, 0]),
        ((tuple[int, str], ...), [0, "text"]),
        ((dict[str, float], ...), {}),
        ((Tree, ...), {"children": [], "parent": None}),
    ],
    ids=str,
)
def test_example(field: Any, value: Any) -> None:
    """What a person gives goes first, then the default, then what the type lets one guess."""
    found = example(row_of(field))["value"]

    assert found == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Annotated[str, Field(pattern="^https?://")], "value: no text is known that matches"),
        (Annotated[int, AfterValidator(odd)], "value: Value error, even"),
        (
            Annotated[list[Annotated[str, Field(pattern="^ab$")]], Field(min_length=1)],
            "value: no",
        ),
        (Endless, "inner: Endless holds itself"),
    ],
    ids=["pattern", "validator", "pattern of an item", "without end"],
)
def test_no_example(annotation: Any, words: str) -> None:
    """Where nothing can be guessed, the field is named, and the remedy."""
    with pytest.raises(ValueError, match="No example of Row can be made") as caught:
        example(row_of((annotation, ...)))

    assert words in str(caught.value)
    assert "Field(examples=[...])" in str(caught.value)
