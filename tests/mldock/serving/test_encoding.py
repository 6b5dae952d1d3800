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
from mldock.serving.decoding import ALIASES
from mldock.serving.encoding import negotiate
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from pydantic import BaseModel, create_model

from tests.mldock.rows import LISTS, OBJECTS, Arrays, Pixels, Row, Rows, answer

FORMATS = [JSON, CSV, JSON_LINES, NPY]


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


def write(service: Rows | Arrays, body: bytes, accept: str) -> bytes:
    """Return the answer of a model."""
    response = answer(service, body, accept=accept)
    assert response.status == 200, response
    return response.body


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        (JSON, b'[{"id":18446744073709551617,"tags":["a"],"shares":{"a":0.5}}]'),
        (JSON_LINES, b'{"id":18446744073709551617,"tags":["a"],"shares":{"a":0.5}}\n'),
        (CSV, b'18446744073709551617,"[""a""]","{""a"":0.5}"\n'),
    ],
)
def test_nested_and_large_values(accept: str, body: bytes) -> None:
    """An integer of more than 64 bits is a number, and what is nested is JSON in CSV too."""
    row_type = create_model("Sale", id=int, tags=list[str], shares=dict[str, float])

    assert write(Rows(row_type), b'[[18446744073709551617, ["a"], {"a": 0.5}]]', accept) == body


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        (JSON, b'[{"one":0.1,"two":[0.1,0.7]},{"one":null,"two":[0.3,1e-7]}]'),
        (JSON_LINES, b'{"one":0.1,"two":[0.1,0.7]}\n{"one":null,"two":[0.3,1e-7]}\n'),
        (CSV, b'0.1,"[0.1,0.7]"\nnan,"[0.3,1e-7]"\n'),
    ],
)
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_floats_of_32_bits(accept: str, body: bytes, large: bool, order: str) -> None:
    """They are as short as they can be, wherever they are nested; cut and joined answers too."""
    service = Arrays(create_model("Two", one=float, two=list[float]), np.float32)
    service.input_type = create_model("One", value=float)
    service.batch_invariant = large
    columns = {"one": [0.1, np.nan], "two": [[0.1, 0.7], [0.3, 1e-7]]}
    short = {name: np.array(values, f"{order}f4") for name, values in columns.items()}

    def predict(features: Any) -> dict[str, Any]:
        return {
            name: np.resize(values, (len(features), *values.shape[1:]))
            for name, values in short.items()
        }

    service.predict = predict  # type: ignore[method-assign]
    repeats = 3000 if large else 1

    found = write(service, orjson.dumps([[1]] * 2 * repeats), accept)

    if accept == JSON:
        assert found == b"[" + b",".join([body[1:-1]] * repeats) + b"]"
    else:
        assert found == body * repeats


def test_answers_of_objects() -> None:
    """Values of numpy's within objects, and keys that are no text, are written."""
    service = Arrays(create_model("One", value=float))
    service.output_type = create_model("Answer", value=Any)
    values: Any = [{"a": np.float32(0.1)}, {1: 2**70}, {"a": np.int64(3)}]
    service.predict = lambda _: {"value": values}  # type: ignore[method-assign, assignment]

    found = json.loads(write(service, b"[[1], [2], [3]]", JSON))

    assert [row["value"] for row in found] == [{"a": 0.1}, {"1": 2**70}, {"a": 3}]


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
        ("application/x-ndjson, text/csv;q=0.5", "application/x-ndjson"),
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
        assert negotiate(header, content_type) in (*FORMATS, *ALIASES)
    except RequestError as error:
        assert error.status == 406  # noqa: PT017 (both are right)


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
