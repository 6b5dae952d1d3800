"""Arrays as numpy saves them: requests and answers without a text in between."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import create_model

from container.prediction.messages import NPY
from tests.runtime.rows import Arrays, Pixels, Point, decode, npy, refusal

TYPES = ["<f8", ">f8", "<f4", "<f2", "<i8", ">i4", "u1", "<u8", "?"]
WIDE = {"float32": 1e39, "float16": 1e5}
FIELDS = [("y", "f8"), ("count", "i4"), ("x", "f4")]


def head(text: str) -> bytes:
    """Return a file of numpy that has this header, and no data."""
    line = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line


def shape(text: str) -> bytes:
    """Return a file that says it has such a shape."""
    return head(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {text}, }}")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("values", [[[0, 1, 1], [1, 0, 0]], [[1, 0, 1]]], ids=["two", "one"])
def test_numbers_of_any_type(kind: str, order: Any, values: list[list[int]]) -> None:
    """Each row is one of the array, whatever its numbers are stored as."""
    rows = decode(Arrays(Point), npy(np.array(values, kind, order=order)), NPY).rows

    assert isinstance(rows, np.ndarray)
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, values)


def test_names_and_dimensions() -> None:
    """One dimension is one row; the columns of records are found by their names."""
    records = npy(np.array([(3, 2, 1), (6, 5, 4)], FIELDS))

    assert decode(Arrays(Pixels), npy([1, 2, 3]), NPY).rows.tolist() == [[1, 2, 3]]
    assert decode(Arrays(Point), records, NPY).rows.tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("wrong", [[], [[50, 2.5, 1]]], ids=["alone", "beside a wrong row"])
def test_nan_is_an_absent_value(wrong: list[list[float]]) -> None:
    """A field that may be absent takes NaN, whatever stands in the other rows."""
    body = npy([[1, 2, np.nan], *wrong])

    if wrong:
        status, text = refusal(Arrays(Point), body, NPY)
        assert (status, text.split(":")[0]) == (422, "row 2, count")
    else:
        np.testing.assert_array_equal(decode(Arrays(Point), body, NPY).rows, [[1, 2, np.nan]])


@pytest.mark.parametrize(
    ("array", "words"),
    [
        ([[1, 2, 3], [np.nan, 2, 3]], "row 2, x: "),
        ([[101, 2, 3]], "row 1, x: Input should be less than or equal to 100, found '101"),
        ([[1, 2.5, 3]], "row 1, count: "),
        ([[1, 2]], "row 1 has 2 values where 3 are expected: x, count, y"),
        (np.zeros(1, [("x", "f4"), ("y", "f4")]), "row 1, count: Field required"),
        (np.zeros(1, [*FIELDS, ("z", "f4")]), "row 1, z: Extra inputs are not permitted"),
        (np.zeros(1, [("x", "f4"), ("y", "f4"), ("count", "U3")]), "row 1, count: "),
    ],
    ids=str,
)
def test_wrong_numbers_are_explained(array: Any, words: str) -> None:
    """An array is judged by the type too, and the row and field are named."""
    status, text = refusal(Arrays(Point), npy(array), NPY)

    assert status == 422
    assert words in text


@pytest.mark.parametrize(("dtype", "value"), WIDE.items())
@pytest.mark.parametrize("name", ["body", "text"])
def test_number_too_large(dtype: str, value: float, name: str) -> None:
    """A number that the model's type would take for infinity is refused."""
    service = Arrays(create_model("Wide", one=float, two=float), dtype)
    bodies = {
        "body": (npy(np.array([[1, 2], [3, -value]])), NPY),
        "text": (f"1,2\n3,-{value}".encode(), "text/csv"),
    }

    status, text = refusal(service, *bodies[name])

    assert status == 422
    assert text.startswith("row 2, two: ")
    assert f"too large for {dtype}" in text


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00",
        npy([[1.0, 2, 3]])[:-1],
        pickle.dumps([[1, 2, 3]]),
        npy(np.zeros((1, 1, 3))),
        npy(np.float64(1)),
        npy(np.array([["1", "2", "3"]])),
        npy(np.array([[1j, 2, 3]])),
        npy(np.zeros((1, 3), FIELDS)),
        shape("(10**15,)"),
        shape("(10000000000, 2)"),
        shape("(99999999999999999999999, 3)"),
        shape("(-1, 3)"),
        head("{'descr': '(2"),
        head("{" * 100),
        head("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + pickle.dumps([print]),
        b"PK\x03\x04" + bytes(60),
    ],
)
def test_what_is_no_array_of_numbers(body: bytes) -> None:
    """It is the client's mistake, and nothing in it is run."""
    status, text = refusal(Arrays(Point), body, NPY)

    assert status in (400, 422)
    assert len(text) < 500


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.zeros(0, FIELDS), None])
def test_no_rows(array: NDArray[Any] | None) -> None:
    """An array without rows asks nothing; of an archive, which of its arrays were the rows?"""
    file = io.BytesIO()
    np.savez(file, rows=np.zeros((1, 3)))

    body = file.getvalue() if array is None else npy(array)
    assert refusal(Arrays(Point), body, NPY)[0] in (400, 422)
