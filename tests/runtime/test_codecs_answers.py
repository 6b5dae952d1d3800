"""Rows to answers: in the shape and the format of the request, and back to the same rows."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

from container.prediction.messages import CSV, JSON, JSON_LINES
from tests.runtime.rows import (
    LISTS,
    OBJECTS,
    TEXTS,
    Row,
    Rows,
    Words,
    answer,
    decode,
)

FIELDS = list(Row.model_fields)
SPLIT = {"columns": FIELDS, "data": LISTS}
TURNED = {"columns": FIELDS[::-1], "data": [row[::-1] for row in LISTS]}

# No CSV can tell an empty text from none; whether a NUL is written is Python's matter: 3.10 does
# not.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
ROWS = st.lists(st.builds(Row, size=FLOATS, count=INTEGERS, name=TEXT), min_size=1)


def echo(value: Any, accept: str, row_type: type[BaseModel] = Row) -> bytes:
    """Return how rows are written by a model that gives them back."""
    response = answer(Rows(row_type), orjson.dumps(value), accept=accept)
    assert (response.status, response.content_type) == (200, accept), response
    return response.body


@pytest.mark.parametrize(
    ("value", "answers"),
    [
        (OBJECTS[0], OBJECTS[0]),
        (OBJECTS, OBJECTS),
        (SPLIT, OBJECTS),
        ({"instances": LISTS}, {"predictions": OBJECTS}),
        ({"inputs": LISTS}, {"predictions": OBJECTS}),
    ],
    ids=str,
)
def test_answer_mirrors_the_shape(value: object, answers: object) -> None:
    """Who sent one object gets one; who sent instances gets predictions."""
    assert json.loads(echo(value, JSON)) == answers


@pytest.mark.parametrize("value", [OBJECTS, {"instances": LISTS}], ids=str)
def test_other_answers_have_a_line_for_each_row(value: object) -> None:
    """CSV has no header, so that batch transform can join its lines with the input's."""
    assert echo(value, CSV) == b"1.5,2,a\n2.5,3,b\n"
    assert [json.loads(line) for line in echo(value, JSON_LINES).splitlines()] == OBJECTS


@pytest.mark.parametrize("content_type", TEXTS)
@given(rows=ROWS)
def test_round_trip(content_type: str, rows: list[Row]) -> None:
    """What is encoded is decoded to the same rows, whatever they hold."""
    body = echo([row.model_dump() for row in rows], content_type)

    assert decode(Row, body, content_type).rows == rows


@given(rows=st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1))
def test_round_trip_of_lists(rows: list[list[str]]) -> None:
    """A row that is one list is the cells of a line, whatever stands in the first."""
    body = echo(rows, CSV, create_model("Pair", first=str, second=str))

    assert decode(Words, body, CSV).rows == [Words(words=row) for row in rows]
