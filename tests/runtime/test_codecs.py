"""Requests to rows, rows to answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.prediction.codecs import CSV, JSON, decode, encode
from tests.runtime.rows import LISTS, OBJECTS, ONE, TWO, Pixels, Row, Words, accept

# No CSV can tell an empty text from none; how a carriage return is written is Python's matter, and
# whether a NUL is: 3.10 does not.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1)
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
        ({"size": 1, "count": 2}, [Row(size=1, count=2)], "one"),
    ],
    ids=str,
)
def test_json_shapes(value: object, rows: list[Row], shape: str) -> None:
    """JSON is an object, a list of objects or of lists, or either under instances."""
    request = decode(json.dumps(value).encode(), JSON, Row)

    assert request.rows == rows
    assert request.shape == shape


@pytest.mark.parametrize(
    "body",
    [
        b"1.5,2,a\n2.5,3,b\n",
        b"1.5,2,a\r\n2.5,3,b",
        b"size,count,name\n1.5,2,a\n2.5,3,b\n",
        b"name,size,count\na,1.5,2\nb,2.5,3\n",
        b"\xef\xbb\xbfsize,count,name\n1.5,2,a\n2.5,3,b\n",
        b"\xef\xbb\xbf1.5,2,a\n2.5,3,b\n",
        b"\n1.5,2,a\n\n2.5,3,b\n\n",
        b'"1.5","2","a"\n2.5,3,b\n',
    ],
)
def test_csv_forms(body: bytes) -> None:
    """Header or none, columns in any order, BOM, quotes, blank lines: the same rows."""
    request = decode(body, CSV, Row)

    assert request.rows == [ONE, TWO]
    assert request.shape == "many"


def test_quoted_cell() -> None:
    """A quoted cell may hold commas, quotes and line ends."""
    assert decode(b'1.5,2,"a,\r\n""b"""\n', CSV, Row).rows == [
        Row(size=1.5, count=2, name='a,\r\n"b"')
    ]


@pytest.mark.parametrize("body", [b"1.5,2,\n", b"size,count,name\n1.5,2,\n", b'1.5,2,""\n'])
def test_empty_cell_is_an_absent_value(body: bytes) -> None:
    """An empty cell takes the default of its field."""
    assert decode(body, CSV, Row).rows == [Row(size=1.5, count=2)]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"1,2,3\n4,5,6\n", CSV),
        (b"[[1,2,3],[4,5,6]]", JSON),
        (b'{"instances":[[1,2,3],[4,5,6]]}', JSON),
    ],
)
def test_single_list_takes_the_row(body: bytes, content_type: str) -> None:
    """One field that is a list takes all values of the row."""
    rows = decode(body, content_type, Pixels).rows

    assert rows == [Pixels(pixels=[1, 2, 3]), Pixels(pixels=[4, 5, 6])]


@pytest.mark.parametrize("header", [b"a,b,c\n", b"pixel 1,pixel 2,pixel 3\n", b"a,b\n"])
def test_header_of_a_list(header: bytes) -> None:
    """The values of a list have no names of the model's; a line of words names them."""
    assert decode(header + b"1,2,3\n", CSV, Pixels).rows == [Pixels(pixels=[1, 2, 3])]


def test_list_of_words_has_no_header() -> None:
    """Where the model takes words, the first line is a row."""
    rows = decode(b"a,b\nc,d\n", CSV, Words).rows

    assert rows == [Words(words=["a", "b"]), Words(words=["c", "d"])]


@pytest.mark.parametrize(
    ("header", "content_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("text/csv", CSV),
        ("text/*", CSV),
        ("application/xml, text/csv", CSV),
        ("text/csv;q=0.5, application/json", JSON),
        ("application/json;q=0.5, text/csv", CSV),
    ],
)
def test_accept_is_honoured(header: str, content_type: str) -> None:
    """The client's preference decides; JSON where it has none."""
    assert encode([ONE], "many", accept(header))[1] == content_type


@pytest.mark.parametrize(
    ("shape", "value"),
    [("many", OBJECTS), ("one", OBJECTS[0]), ("instances", {"predictions": OBJECTS})],
)
def test_answer_mirrors_the_shape(shape: str, value: object) -> None:
    """Who sent one object gets one; who sent instances gets predictions."""
    answers = [ONE] if shape == "one" else [ONE, TWO]

    assert json.loads(encode(answers, shape, accept(JSON))[0]) == value


@pytest.mark.parametrize("shape", ["many", "instances"])
def test_csv_answer_has_a_line_for_each_row(shape: str) -> None:
    """CSV has no header, so that batch transform can join its lines with the input's."""
    assert encode([ONE, TWO], shape, accept(CSV))[0] == b"1.5,2,a\n2.5,3,b\n"


@pytest.mark.parametrize("content_type", [JSON, CSV])
@given(rows=ROWS)
def test_round_trip(content_type: str, rows: list[Row]) -> None:
    """What is encoded is decoded to the same rows, whatever they hold."""
    body, written = encode(rows, "many", accept(content_type))

    assert written == content_type
    assert decode(body, content_type, Row).rows == rows
