"""Requests in JSON, JSON lines and CSV to rows, and what is said of wrong ones."""

from __future__ import annotations

import json
from contextlib import suppress
from time import perf_counter
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from pydantic import BaseModel

from tests.mldock.rows import (
    LIMIT,
    LISTS,
    OBJECTS,
    ONE,
    TWO,
    Arrays,
    Pixels,
    Point,
    Row,
    Rows,
    Words,
    decode,
    npy,
    refusal,
)

SERVICES: list[Rows | Arrays] = [Rows(Row), Rows(Pixels), Arrays(Point), Arrays(Pixels)]

FIELDS = list(Row.model_fields)
SPLIT = {"columns": FIELDS, "data": LISTS}
TURNED = {"columns": FIELDS[::-1], "data": [row[::-1] for row in LISTS]}


@pytest.mark.parametrize(
    ("value", "rows", "shape"),
    [
        (OBJECTS[0], [ONE], "one"),
        (OBJECTS, [ONE, TWO], "many"),
        ([OBJECTS[0], LISTS[1]], [ONE, TWO], "many"),
        ({"instances": OBJECTS}, [ONE, TWO], "instances"),
        ({"instances": OBJECTS[0]}, [ONE], "instances"),
        ({"inputs": OBJECTS}, [ONE, TWO], "instances"),
        (TURNED, [ONE, TWO], "many"),
        ({**SPLIT, "index": [7, 8]}, [ONE, TWO], "many"),
        ({"dataframe_split": TURNED}, [ONE, TWO], "many"),
        ({"dataframe_records": OBJECTS}, [ONE, TWO], "many"),
        ({"count": 2, "size": 1}, [Row(size=1, count=2)], "one"),
        ({"instances": LISTS, "parameters": {}}, [ONE, TWO], "instances"),
        ({"instances": OBJECTS, "parameters": None}, [ONE, TWO], "instances"),
        ({"signature_name": "serving_default", "instances": OBJECTS}, [ONE, TWO], "instances"),
        ({"dataframe_split": SPLIT, "params": {}}, [ONE, TWO], "many"),
        ({"inputs": OBJECTS[0]}, [ONE], "instances"),
        (
            {"inputs": {"name": ["a", "b"], "size": [1.5, 2.5], "count": [2, 3]}},
            [ONE, TWO],
            "instances",
        ),
        (
            {"signature_name": None, "inputs": {"size": [1], "count": [2]}},
            [Row(size=1, count=2)],
            "instances",
        ),
    ],
    ids=str,
)
def test_json_shapes(value: object, rows: list[Row], shape: str) -> None:
    """JSON is an object, or rows, as they are or as SageMaker, pandas and MLflow wrap them."""
    request = decode(Row, json.dumps(value).encode())

    assert request.rows == rows
    assert request.shape == shape


@pytest.mark.parametrize("end", ["", "\r\n", "\n\n"])
@pytest.mark.parametrize("rows", [OBJECTS, [OBJECTS[0], LISTS[1]]], ids=str)
def test_json_lines(rows: list[object], end: str) -> None:
    """One row a line, whatever ends it; blank lines are none."""
    body = (end or "\n").join(map(json.dumps, rows)) + end

    request = decode(Row, body.encode(), JSON_LINES)

    assert (request.rows, request.shape) == ([ONE, TWO], "many")
    assert refusal(Row, body.encode() + b"\n{", JSON_LINES)[1].startswith("Line ")


@pytest.mark.parametrize(
    "body",
    [
        b"1.5,2,a\r\n2.5,3,b",
        b"1.5,2,a\r2.5,3,b",
        b"size,count,name\r\n1.5,2,a\r\n2.5,3,b\r\n",
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


@pytest.mark.parametrize(
    ("body", "row"),
    [
        # A quoted cell may hold commas, quotes and line ends, in the first row too.
        (b'1.5,2,"a,\r\n""b"""\n', Row(size=1.5, count=2, name='a,\r\n"b"')),
        (b'name,size,count\n"a,\r\n""b""",1.5,2\n', Row(size=1.5, count=2, name='a,\r\n"b"')),
        (b'"a\nb",c\n', Words(words=["a\nb", "c"])),
        # A text is a text, though it may mean no number elsewhere.
        (b"1.5,2,Nan\n", Row(size=1.5, count=2, name="Nan")),
        # It may be longer than what Python's csv takes by itself.
        (b"1.5,2," + b"x" * 200_000, Row(size=1.5, count=2, name="x" * 200_000)),
        # An empty cell takes the default of its field.
        (b"1.5,2,\n", Row(size=1.5, count=2)),
        (b"size,count,name\n1.5,2,\n", Row(size=1.5, count=2)),
        (b'1.5,2,""\n', Row(size=1.5, count=2)),
    ],
    ids=range(8),
)
def test_cells(body: bytes, row: Row | Words) -> None:
    """Quotes, long texts and empty cells are read as people mean them."""
    assert decode(type(row), body, CSV).rows == [row]


@pytest.mark.parametrize("service", [Rows(Pixels), Arrays(Pixels)])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"1,2,3\n4,5,6\n", CSV),
        (b"pixel 1,pixel 2\n1,2,3\n4,5,6\n", CSV),
        (b"[[1,2,3],[4,5,6]]", JSON),
        (b'[{"pixels":[1,2,3]},{"pixels":[4,5,6]}]', JSON),
        (b'{"columns":["a","b","c"],"data":[[1,2,3],[4,5,6]]}', JSON),
        (b'{"columns":["pixels"],"data":[[[1,2,3]],[[4,5,6]]]}', JSON),
    ],
)
def test_single_list_takes_the_row(service: Rows | Arrays, body: bytes, content_type: str) -> None:
    """One field that is a list takes all values of the row, whatever a header calls them."""
    rows = decode(service, body, content_type).rows

    found = [row.pixels for row in rows] if isinstance(rows, list) else rows.tolist()
    assert found == [[1, 2, 3], [4, 5, 6]]


class Order(BaseModel):
    """A row of many types."""

    amount: float | None = None
    note: str | None = None
    express: bool = False
    size: Literal[1, 2] = 1
    tags: list[str] = []
    shares: dict[str, float] = {}
    flower: Row | None = None


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        # What is absent is a matter of the column, not of the others.
        ("NaN,NaN,,,,,", {"note": "NaN"}),
        ("nan,null,,,,,", {"note": "null"}),
        (" 1e3 , 007 ,,,,,", {"amount": 1000, "note": " 007 "}),
        ("True,True,True,,,,", {"amount": 1, "note": "True", "express": True}),
        ("-0.0,,1,2,,,", {"amount": 0, "express": True, "size": 2}),
        (',,false,,"[""a"",""b,c""]",,', {"tags": ["a", "b,c"]}),
        (',,,,[],"{""a"": 0.5}",', {"shares": {"a": 0.5}}),
        (',,,,null,,"{""size"":1,""count"":2}"', {"flower": Row(size=1, count=2)}),
        ("NA,,,,,,", "row 1, amount: "),
        (",,maybe,,,,", "row 1, express: "),
        (",,,3,,,", "row 1, size: "),
        (",,,,x,,", "row 1, tags: Input should be a valid list, found 'x'"),
        (",,,,,x,", "row 1, shares: Input should be an object, found 'x'"),
        (",,,,,,x", "row 1, flower: Input should be an object with size, count, name, found 'x'"),
        (',,,,,,"{""size"":1,""count"":""x""}"', "row 1, flower.count: "),
        ("\uff11,,,,,,", "row 1, amount: "),
    ],
)
@pytest.mark.parametrize("header", [True, False])
def test_cells_are_read_by_type(cells: str, values: Any, header: bool) -> None:
    """A cell means what its column's type says, and nested values are JSON."""
    head = ",".join(Order.model_fields) + "\n" if header else ""

    if isinstance(values, str):
        status, text = refusal(Order, f"{head}{cells}\n".encode(), CSV)
        assert (status, text.startswith(values)) == (422, True), text
    else:
        assert decode(Order, f"{head}{cells}\n".encode(), CSV).rows == [Order(**values)]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-ndjson", b'[1.5, 2, "a"]\n'),
        ("application/ndjson; charset=utf-8", b'[1.5, 2, "a"]\n'),
        ("application/jsonl", b'[1.5, 2, "a"]\n'),
        ("application/vnd.example.row+json", b'{"size": 1.5, "count": 2, "name": "a"}'),
    ],
)
def test_other_names_of_content_types(content_type: str, body: bytes) -> None:
    """JSON lines have several names, and a type that ends in +json is JSON."""
    assert decode(Row, body, content_type).rows == [ONE]


def test_further_content_type() -> None:
    """A model may read a type of its own, such as images; its rows are checked as all are."""
    service = Rows(Row)
    read = lambda body: [{"size": len(body), "count": 1}]  # noqa: E731
    service.decoders = {"image/png": read, "application/ld+json": read}  # type: ignore[misc]

    assert decode(service, b"\x89PNG", "image/png").rows == [Row(size=4, count=1)]
    assert decode(service, b"[{}]", "application/ld+json").rows == [Row(size=4, count=1)]
    assert refusal(service, b"", "image/png")[0] in (400, 422)
    status, text = refusal(service, b"1", "image/jpeg")
    assert (status, "Content-Type image/jpeg is not supported" in text) == (415, True)
    assert f"Send one of: {JSON}, {JSON_LINES}, {CSV}" in text
    assert "image/png, " in text


# Of KServe, Triton and others.
TENSORS = json.dumps(
    {"id": "7", "inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}
).encode()


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"1.5,2,a\n2.5,x,b\n", 422, ["row 2, count", "valid integer", "'x'"]),
        (b"1.5,,a\n", 422, ["row 1, count: Field required"]),
        (b"size,count,name\n1,2,3,4\n", 422, ["4 values where 3 are expected"]),
        (b"size,count,name,kind\n1,2,a,b\n", 422, ["row 1, kind", "no such field", "'b'"]),
        (b"size,count,size\n1,2,3\n", 400, ["'size' is there twice"]),
        (b"", 400, ["body is empty"]),
        (b"\xef\xbb\xbf", 400, ["body is empty"]),
        (b"size,count,name\n", 400, ["holds no rows"]),
        (b'1.5,2,"a\n', 400, ["is not CSV in UTF-8"]),
        (b"1.5,2,\xff\n", 400, ["is not CSV in UTF-8", "0xff"]),
        (b'{"size": 1, "count": "x"}', 422, ["row 1, count", "valid integer", "'x'"]),
        (b'[{"size": 1, "count": 2}, {"size": 1}]', 422, ["row 2, count: Field required"]),
        (b'{"size": 1, "count": 2, "siez": 3}', 422, ["row 1, siez", "no such field"]),
        (b"[1]", 422, ["row 1: ", "found '1'"]),
        (b"[[1, 2]]", 422, ["2 values where 3 are expected: size, count, name"]),
        (b"[[[1], 2, 3]]", 422, ["row 1, size", "valid number", "[1]"]),
        (b'{"columns": ["size", "size"], "data": []}', 400, ["'size' is there twice"]),
        (b'{"columns": "size", "data": []}', 400, ['two lists, "columns" and "data"']),
        (b"[]", 400, ["holds no rows"]),
        (b"3", 400, ["not rows", "Send one object"]),
        (b'{"instances": [[1, 2, "a"]], "parameters": {"k": 3}}', 400, ["takes no parameters"]),
        (b'{"inputs": [[1, 2, "a"]], "params": {"k": 3}}', 400, ["takes no parameters", "params"]),
        (b'{"instances": [[1, 2, "a"]], "other": 3}', 400, ['"other" is not supported beside']),
        (b'{"instances": [[1, 2, "a"]], "size": 3}', 422, ["row 1, instances", "no such field"]),
        (b'{"inputs": {"size": [1], "count": [2, 3]}}', 400, ["different lengths"]),
        (TENSORS, 400, ["Open Inference Protocol", "Send one object"]),
        (b'{"size": 1e400, "count": 1e400}', 422, ["row 1, count", "finite", "'inf'"]),
        (b"{", 400, ["is not JSON"]),
        (b'{"size": NaN, "count": 2}', 400, ["is not JSON"]),
        (b'{"name": "\xff"}', 400, ["is not JSON"]),
        (b'{"name": "\\ud800"}', 400, ["is not JSON"]),
    ],
)
def test_wrong_body_is_explained(body: bytes, status: int, words: list[str]) -> None:
    """The text names the row, the field, what is allowed and what was found."""
    content_type = JSON if body[:1] in (b"{", b"[", b"3") else CSV

    found, text = refusal(Row, body, content_type)

    assert found == status
    assert all(word in text for word in words), text


@pytest.mark.parametrize("service", [Rows(Pixels), Arrays(Pixels)], ids=["rows", "arrays"])
@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"1,x,3\n", "row 1, pixels.1: "),
        (b",,\n1,2,3\n", "row 1, pixels.0: "),
        (b"a,,c\n1,2,3\n", "row 1, pixels.0: "),
    ],
)
def test_row_is_no_header(service: Rows | Arrays, body: bytes, where: str) -> None:
    """A line that has a number or misses a value is not passed over in silence."""
    assert refusal(service, body, CSV)[1].startswith(where)


def test_many_faults_are_counted() -> None:
    """A thousand wrong rows are five faults and a number."""
    _, text = refusal(Row, b"1.5,x,a\n" * 1000, CSV)

    assert text.count("row ") == 5
    assert text.endswith("; and 995 more")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"1," * 10**6 + b"x", CSV),
        (b",".join(b"c%d" % n for n in range(10**5)), CSV),
        (b"[[" + b"1," * 400_000 + b'"x"]]', JSON),
        (json.dumps({f"c{n}": n for n in range(60_000)}).encode(), JSON),
        (b"1.5," + b"x" * 100_000 + b",a\n", CSV),
        (b'{"x":' * 100_000, JSON),
        (b"[" * 100_000 + b"]" * 100_000, JSON_LINES),
    ],
    ids=range(7),
)
def test_large_nonsense(service: Rows | Arrays, body: bytes, content_type: str) -> None:
    """A million columns, or brackets without end: told quickly and briefly."""
    start = perf_counter()

    with pytest.raises(RequestError) as caught:
        decode(service, body, content_type, limit=4 * LIMIT)

    assert perf_counter() - start < 20
    assert len(str(caught.value)) < 1500


VALID = {
    JSON: [b'[{"x": 1, "count": 2, "y": null}]', b'{"instances": [[1, 2, 3.5]]}'],
    JSON_LINES: [b'{"pixels": [1, 2]}\n[1, 2]\n'],
    CSV: [b"x,count,y\n1,2,3\n4,5,6\n", b'1.5,2,"a"\n'],
    NPY: [npy([[1.0, 2, 3]]), npy([1, 2]), npy(np.zeros(2, "f4,i2")), b"PK\x03\x04" + b"0" * 60],
}


@st.composite
def nearly_valid(draw: st.DrawFn) -> tuple[bytes, str]:
    """Return a body that is right but for a few bytes, or any bytes."""
    content_type = draw(st.sampled_from(list(VALID)))
    if draw(st.booleans()):
        return draw(st.binary()), content_type
    body = bytearray(draw(st.sampled_from(VALID[content_type])))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 4)))
        body[start:end] = draw(st.binary(max_size=3) | st.sampled_from([b"9" * 15, b"(", b"'"]))
    return bytes(body), content_type


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.filterwarnings("ignore::UserWarning")
@given(request=nearly_valid())
def test_any_bytes_are_rows_or_refused(service: Any, request: tuple[bytes, str]) -> None:
    """No body fails the server: it is rows, or the client's mistake."""
    with suppress(RequestError):
        assert len(decode(service, *request).rows)
