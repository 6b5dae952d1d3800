"""Rows to answers: in the shape and the format that the client wants, and back to the rows."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mldock.serving.encoding import negotiate
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from numpy.typing import NDArray
from pydantic import BaseModel, create_model

from tests.mldock.rows import LISTS, OBJECTS, TEXTS, Arrays, Pixels, Row, Rows, answer, decode, npy

FORMATS = [JSON, CSV, JSON_LINES, NPY]

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
        ({"instances": LISTS}, {"predictions": OBJECTS}),
    ],
    ids=str,
)
def test_answer_mirrors_the_shape(value: object, answers: object) -> None:
    """Who sent one object gets one; who sent instances gets predictions."""
    assert json.loads(echo(value, JSON)) == answers


def test_other_answers_have_a_line_for_each_row() -> None:
    """CSV has no header, so that batch transform can join its lines with the input's."""
    value = {"instances": LISTS}

    assert echo(value, CSV) == b"1.5,2,a\n2.5,3,b\n"
    assert [json.loads(line) for line in echo(value, JSON_LINES).splitlines()] == OBJECTS


@pytest.mark.parametrize("content_type", TEXTS)
@given(rows=ROWS)
def test_round_trip(content_type: str, rows: list[Row]) -> None:
    """What is encoded is decoded to the same rows, whatever they hold."""
    body = echo([row.model_dump() for row in rows], content_type)

    assert decode(Row, body, content_type).rows == rows


@pytest.mark.parametrize(
    ("header", "content_type"),
    [
        ("application/*", JSON),
        ("TEXT/CSV", CSV),
        ("application/x-npy", NPY),
        ("application/xml, text/csv", CSV),
        ("text/csv;q=0.5, application/json", JSON),
        ("application/json; q=0.5 , text/csv ;q=0.6", CSV),
        ("application/json;q=0, application/*", JSON_LINES),
        ("text/*;q=0.3, text/csv;q=0, */*;q=0.2", JSON),
        ("application/*;q=0.9, application/json;q=0.1, text/csv;q=0.5", JSON_LINES),
        ("application/json;q=nonsense, text/csv;q=0.1", CSV),
        ("text/csv; header=absent", CSV),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", JSON),
        (",,text/csv,", CSV),
    ],
)
def test_accept_is_honoured(header: str, content_type: str) -> None:
    """The quality decides, of the range that is closest; JSON where the client has no wish."""
    assert negotiate(header, JSON) == content_type


@pytest.mark.parametrize("header", ["", "text/html, */*;q=0.1"])
@pytest.mark.parametrize(
    ("content_type", "expected"), [(CSV, CSV), (JSON_LINES, JSON_LINES), (JSON, JSON), (NPY, JSON)]
)
def test_lines_are_answered_with_lines(header: str, content_type: str, expected: str) -> None:
    """Batch transform joins the lines it sends with those it gets."""
    assert negotiate(header, content_type) == expected
    # A wish counts more than the format of the request.
    assert negotiate("application/*", content_type) == (
        expected if expected == JSON_LINES else JSON
    )


@pytest.mark.parametrize(
    "header", ["application/xml", "application/json;q=0", "*/*;q=0", "text/csv;q=x", "nonsense"]
)
def test_other_accept_is_refused(header: str) -> None:
    """Status 406 names the types there are."""
    with pytest.raises(RequestError, match=r"is not supported\. Accept one of: ") as caught:
        negotiate(header, JSON)

    assert caught.value.status == 406
    assert all(known in str(caught.value) for known in FORMATS)


@given(header=st.text(), content_type=st.sampled_from(FORMATS))
def test_any_header(header: str, content_type: str) -> None:
    """It names a format that there is, or is refused."""
    try:
        assert negotiate(header, content_type) in FORMATS
    except RequestError as error:
        assert error.status == 406  # noqa: PT017 (both are right)


SINGLE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(array=arrays(np.float32, st.tuples(st.integers(1, 5), st.just(2)), elements=SINGLE))
def test_round_trip_of_arrays(array: NDArray[np.float32]) -> None:
    """Numbers go in and come out as they are, all of their bits."""
    service = Arrays(create_model("Pair", one=float, two=float), np.float32)

    response = answer(service, npy(array), NPY, accept=NPY)

    records = np.load(io.BytesIO(response.body), allow_pickle=False)
    assert (response.status, response.content_type, records.dtype.names) == (
        200,
        NPY,
        ("one", "two"),
    )
    np.testing.assert_array_equal(np.stack([records["one"], records["two"]], axis=1), array)
    np.testing.assert_array_equal(decode(service, response.body, NPY).rows, array)


@pytest.mark.parametrize(
    ("row_type", "body", "values"),
    [
        (create_model("One", value=float), b"[[1], [2]]", [1, 2]),
        (Pixels, b"[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        (Row, b'[[1.5, 2, "a"], [2.5, 3, "bc"]]', [(1.5, 2, "a"), (2.5, 3, "bc")]),
    ],
)
def test_answer_is_an_array(row_type: type[BaseModel], body: bytes, values: list[Any]) -> None:
    """One column is an array, several are records with their names."""
    response = answer(Rows(row_type), body, accept=NPY)

    found = np.load(io.BytesIO(response.body), allow_pickle=False)
    assert (response.status, found.tolist()) == (200, values)
    assert found.dtype.names in (None, tuple(row_type.model_fields))


def test_answer_that_is_no_array() -> None:
    """What no array can hold is not acceptable in one, and no failure of the model's."""
    response = answer(Rows(Pixels), b"[[1], [1, 2]]", accept=NPY)

    assert response.status == 406
    assert b"application/json" in response.body
    # Nor is an absent text.
    row_type = create_model("Word", word=(str | None, None))
    assert answer(Rows(row_type), b'[{"word": "a"}, {}]', accept=NPY).status == 406
