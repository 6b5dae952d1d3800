"""Answers as numpy saves them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from pydantic import BaseModel, create_model

from container.prediction.messages import NPY
from tests.runtime.rows import Arrays, Pixels, Row, Rows, answer, decode, npy

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
TYPES = ["<f8", ">f8", "<f4", "<f2", "<i8", ">i4", "u1", "<u8", "?"]
WIDE = {"float32": 1e39, "float16": 1e5}
FIELDS = [("y", "f8"), ("count", "i4"), ("x", "f4")]


@given(array=arrays(np.float32, st.tuples(st.integers(1, 5), st.just(2)), elements=FLOATS))
def test_round_trip(array: NDArray[np.float32]) -> None:
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
    ("row_type", "body", "array"),
    [
        (create_model("One", value=float), b"[[1], [2]]", np.array([1.0, 2])),
        (Pixels, b"[[1, 2], [3, 4]]", np.array([[1.0, 2], [3, 4]])),
        (
            Row,
            b'[[1.5, 2, "a"], [2.5, 3, "bc"]]',
            np.array([(1.5, 2, "a"), (2.5, 3, "bc")], "f8,i8,U2"),
        ),
    ],
)
def test_answer(row_type: type[BaseModel], body: bytes, array: NDArray[Any]) -> None:
    """One column is an array, several are records with their names."""
    response = answer(Rows(row_type), body, accept=NPY)

    found = np.load(io.BytesIO(response.body), allow_pickle=False)
    assert response.status == 200
    assert found.tolist() == array.tolist()
    assert found.dtype.names in (None, tuple(row_type.model_fields))


@pytest.mark.parametrize("body", [b"[[1], [1, 2]]", b"[[1, 2], [1]]"])
def test_answer_that_is_no_array(body: bytes) -> None:
    """What no array can hold is not acceptable in one, and no failure of the model's."""
    response = answer(Rows(Pixels), body, accept=NPY)

    assert response.status == 406
    assert b"application/json" in response.body


def test_no_null_in_an_array() -> None:
    """Nor is an absent text."""
    row_type = create_model("Word", word=(str | None, None))

    assert answer(Rows(row_type), b'[{"word": "a"}, {}]', accept=NPY).status == 406
