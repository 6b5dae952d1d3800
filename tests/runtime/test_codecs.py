"""Requests to rows, rows to answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import strategies as st

from container.prediction.messages import CSV, JSON, JSON_LINES
from tests.runtime.rows import (
    LISTS,
    OBJECTS,
    ONE,
    TWO,
    Arrays,
    Pixels,
    Row,
    Rows,
    Words,
    decode,
    refusal,
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


@pytest.mark.parametrize(
    ("value", "rows", "shape"),
    [
        (OBJECTS[0], [ONE], "one"),
        (OBJECTS, [ONE, TWO], "many"),
        (LISTS, [ONE, TWO], "many"),
        ([OBJECTS[0], LISTS[1]], [ONE, TWO], "many"),
        ({"instances": OBJECTS}, [ONE, TWO], "instances"),
        ({"instances": LISTS}, [ONE, TWO], "instances"),
        ({"instances": OBJECTS[0]}, [ONE], "instances"),
        ({"inputs": OBJECTS}, [ONE, TWO], "instances"),
        ({"inputs": LISTS}, [ONE, TWO], "instances"),
        (SPLIT, [ONE, TWO], "many"),
        (TURNED, [ONE, TWO], "many"),
        ({**SPLIT, "index": [7, 8]}, [ONE, TWO], "many"),
        ({"dataframe_split": SPLIT}, [ONE, TWO], "many"),
        ({"dataframe_split": TURNED}, [ONE, TWO], "many"),
        ({"dataframe_records": OBJECTS}, [ONE, TWO], "many"),
        ({"count": 2, "size": 1}, [Row(size=1, count=2)], "one"),
        ([{"name": "a", "count": 2, "size": 1.5}], [ONE], "many"),
    ],
    ids=str,
)
def test_json_shapes(value: object, rows: list[Row], shape: str) -> None:
    """JSON is an object, or rows, as they are or as SageMaker, pandas and MLflow wrap them."""
    request = decode(Row, json.dumps(value).encode())

    assert request.rows == rows
    assert request.shape == shape


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("rows", [OBJECTS, LISTS, [OBJECTS[0], LISTS[1]]], ids=str)
def test_json_lines(rows: list[object], end: str) -> None:
    """One row a line, whatever ends it; blank lines are none."""
    body = (end or "\n").join(map(json.dumps, rows)) + end

    request = decode(Row, body.encode(), JSON_LINES)

    assert (request.rows, request.shape) == ([ONE, TWO], "many")


@pytest.mark.parametrize(
    "body",
    [
        b"1.5,2,a\n2.5,3,b\n",
        b"1.5,2,a\r\n2.5,3,b",
        b"1.5,2,a\r2.5,3,b",
        b"size,count,name\n1.5,2,a\n2.5,3,b\n",
        b"size,count,name\r\n1.5,2,a\r\n2.5,3,b\r\n",
        b"\nsize,count,name\n1.5,2,a\n2.5,3,b\n",
        b"name,size,count\na,1.5,2\nb,2.5,3\n",
        b'"name","size","count"\na,1.5,2\nb,2.5,3\n',
        b"\xef\xbb\xbfsize,count,name\n1.5,2,a\n2.5,3,b\n",
        b"\xef\xbb\xbf1.5,2,a\n2.5,3,b\n",
        b"\n1.5,2,a\n\n2.5,3,b\n\n",
        b'"1.5","2","a"\n2.5,3,b\n',
    ],
)
def test_csv_forms(body: bytes) -> None:
    """Header or none, columns in any order, BOM, quotes, blank lines: the same rows."""
    request = decode(Row, body, CSV)

    assert (request.rows, request.shape) == ([ONE, TWO], "many")


@pytest.mark.parametrize("header", [b"", b"name,size,count\n"])
def test_quoted_cell(header: bytes) -> None:
    """A quoted cell may hold commas, quotes and line ends, in the first row too."""
    row = b'"a,\r\n""b""",1.5,2\n' if header else b'1.5,2,"a,\r\n""b"""\n'

    assert decode(Row, header + row, CSV).rows == [Row(size=1.5, count=2, name='a,\r\n"b"')]


def test_line_end_in_the_first_cell() -> None:
    """A first row that begins with such a cell is no broken header."""
    assert decode(Words, b'"a\nb",c\n', CSV).rows == [Words(words=["a\nb", "c"])]


def test_word_that_means_no_number() -> None:
    """A text is a text, though it may mean no number elsewhere."""
    assert decode(Row, b"1.5,2,Nan\n", CSV).rows == [Row(size=1.5, count=2, name="Nan")]


def test_long_cell() -> None:
    """A text may be longer than what Python's csv takes by itself."""
    text = "x" * 200_000

    assert decode(Row, f"1.5,2,{text}\n".encode(), CSV).rows == [Row(size=1.5, count=2, name=text)]


@pytest.mark.parametrize("body", [b"1.5,2,\n", b"size,count,name\n1.5,2,\n", b'1.5,2,""\n'])
def test_empty_cell_is_an_absent_value(body: bytes) -> None:
    """An empty cell takes the default of its field."""
    assert decode(Row, body, CSV).rows == [Row(size=1.5, count=2)]


@pytest.mark.parametrize("service", [Rows(Pixels), Arrays(Pixels)])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"1,2,3\n4,5,6\n", CSV),
        (b"a,b,c\n1,2,3\n4,5,6\n", CSV),
        (b"pixel 1,pixel 2\n1,2,3\n4,5,6\n", CSV),
        (b"[[1,2,3],[4,5,6]]", JSON),
        (b"[1,2,3]\n[4,5,6]", JSON_LINES),
        (b'[{"pixels":[1,2,3]},{"pixels":[4,5,6]}]', JSON),
        (b'{"instances":[[1,2,3],[4,5,6]]}', JSON),
        (b'{"columns":["a","b","c"],"data":[[1,2,3],[4,5,6]]}', JSON),
        (b'{"columns":["pixels"],"data":[[[1,2,3]],[[4,5,6]]]}', JSON),
    ],
)
def test_single_list_takes_the_row(service: Rows | Arrays, body: bytes, content_type: str) -> None:
    """One field that is a list takes all values of the row, whatever a header calls them."""
    rows = decode(service, body, content_type).rows

    found = [row.pixels for row in rows] if isinstance(rows, list) else rows.tolist()
    assert found == [[1, 2, 3], [4, 5, 6]]


def test_list_of_words_has_no_header() -> None:
    """Where the model takes words, the first line is a row."""
    rows = decode(Words, b"a,b\nc,d\n", CSV).rows

    assert rows == [Words(words=["a", "b"]), Words(words=["c", "d"])]


def test_further_content_type() -> None:
    """A model may read a type of its own, such as images; its rows are checked as all are."""
    service = Rows(Row)
    service.decoders = {"image/png": lambda body: [{"size": len(body), "count": 1}]}  # type: ignore[misc]

    assert decode(service, b"\x89PNG", "image/png").rows == [Row(size=4, count=1)]
    assert refusal(service, b"", "image/png")[0] in (400, 422)
    assert "image/png" in refusal(service, b"1", "image/jpeg")[1]
