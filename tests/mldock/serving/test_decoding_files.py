"""Bodies that are no text: arrays of numpy, Parquet, Arrow, what is compressed; charsets."""

from __future__ import annotations

import gzip
import io
import pickle
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from pydantic import create_model

from tests.mldock.rows import (
    LIMIT,
    ONE,
    TWO,
    Arrays,
    Pixels,
    Point,
    Row,
    Rows,
    decode,
    npy,
    refusal,
)

pa = pytest.importorskip("pyarrow")
ipc = pytest.importorskip("pyarrow.ipc")
parquet = pytest.importorskip("pyarrow.parquet")

PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"

Columns = dict[str, list[Any]]
Write = Callable[[Any], bytes]

POINTS: Columns = {"y": [3.0, 6.0], "x": [1.0, 4.0], "count": [2, 5]}
FIELDS = [("y", "f8"), ("count", "i4"), ("x", "f4")]


def as_npy(columns: Columns) -> bytes:
    """Write an array of records."""
    kinds = [(name, np.array(values).dtype) for name, values in columns.items()]
    return npy(np.array(list(zip(*columns.values(), strict=True)), kinds))


def as_parquet(columns: Any) -> bytes:
    """Write a Parquet file."""
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue())


def as_arrow(columns: Any) -> bytes:
    """Write an Arrow stream, in several batches."""
    sink, table = pa.BufferOutputStream(), pa.table(columns)
    with ipc.new_stream(sink, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=1):
            writer.write_batch(batch)
    return bytes(sink.getvalue())


TABLES = [(PARQUET, as_parquet), (ARROW, as_arrow)]
FORMATS = pytest.mark.parametrize(("content_type", "write"), TABLES)
ALL = pytest.mark.parametrize(("content_type", "write"), [(NPY, as_npy), *TABLES])


@ALL
def test_columns_are_named(content_type: str, write: Write) -> None:
    """Columns are found by their names, in any order."""
    array = decode(Arrays(Point), write(POINTS), content_type).rows

    np.testing.assert_array_equal(array, [[1, 2, 3], [4, 5, 6]])


@FORMATS
def test_rows_of_several_types(content_type: str, write: Write) -> None:
    """Models that take rows, or one list, read the same files."""
    columns = {"name": ["a", "b"], "count": [2, 3], "size": [1.5, 2.5]}

    assert decode(Row, write(columns), content_type).rows == [ONE, TWO]
    for lists in ({"pixels": [[1.0, 2], [3, 4]]}, {"0": [1.0, 3], "1": [2.0, 4]}):
        found = decode(Arrays(Pixels), write(lists), content_type).rows
        np.testing.assert_array_equal(found, [[1, 2], [3, 4]])


@FORMATS
def test_large_integers_beside_floats(content_type: str, write: Write) -> None:
    """An integer that no float holds is none that the type refuses."""
    table = pa.table({"one": pa.array([2**63 + 1], pa.uint64()), "two": [0.5]})
    row_type = create_model("Two", one=int, two=float)

    assert decode(row_type, write(table), content_type).rows[0].one == 2**63 + 1
    found = decode(Arrays(row_type), write(table), content_type).rows
    assert found.tolist() == [[float(2**63), 0.5]]


@FORMATS
@pytest.mark.parametrize("service", [Rows(Point), Arrays(Point)], ids=["rows", "arrays"])
def test_absent_value(content_type: str, write: Write, service: Rows | Arrays) -> None:
    """A null is an absent value: taken where the type takes it, else explained."""
    rows = decode(service, write({**POINTS, "y": [3.0, None]}), content_type).rows
    values = rows if isinstance(rows, np.ndarray) else [[r.x, r.count, r.y] for r in rows]
    np.testing.assert_array_equal(np.array(values, float), [[1, 2, 3], [4, 5, np.nan]])

    status, text = refusal(service, write({**POINTS, "x": [1.0, None]}), content_type)
    assert (status, text.split(":")[0]) == (422, "row 2, x")


@ALL
@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({**POINTS, "x": [1.0, 101]}, "row 2, x: Input should be less than or equal to 100"),
        ({**POINTS, "count": [1, 2.5]}, "row 2, count: Input should be a valid integer"),
        ({"x": [1.0], "y": [2.0]}, "row 1, count: Field required"),
        ({**POINTS, "z": [1, 2]}, "row 1, z: There is no such field"),
        ({**POINTS, "x": [1.0, float("nan")]}, "row 2, x: "),
    ],
    ids=str,
)
def test_wrong_rows_are_explained(
    content_type: str, write: Write, columns: Columns, words: str
) -> None:
    """As in any other format, the row and the field are named."""
    status, text = refusal(Arrays(Point), write(columns), content_type)

    assert status == 422
    assert words in text


@FORMATS
def test_broken_files(content_type: str, write: Write) -> None:
    """They are the client's mistake."""
    body = write(POINTS)
    twice = write(pa.table([[1.0], [2.0]], names=["x", "x"]))

    for broken in (b"nonsense", body[:-9], body[:20], b"PAR1" + body[8:], body[40:], twice):
        assert refusal(Arrays(Point), broken, content_type)[0] == 400
    for position in range(0, len(body), 7):
        changed = bytearray(body)
        changed[position] ^= 0x55
        try:
            decode(Arrays(Point), bytes(changed), content_type)
        except Exception as error:
            assert type(error).__name__ == "RequestError", repr(error)  # noqa: PT017
    empties: list[Any] = [{"x": []}, pa.table({})]
    for empty in empties:
        assert refusal(Arrays(Point), write(empty), content_type)[0] == 400


@pytest.mark.parametrize("kind", ["<f8", ">f8", "<f4", "<f2", "<i8", ">i4", "u1", "<u8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_any_type(kind: str, order: Any) -> None:
    """Each row is one of the array, whatever its numbers are stored as."""
    values = np.array([[0, 1, 1], [1, 0, 0]], kind, order=order)

    rows = decode(Arrays(Point), npy(values), NPY).rows

    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows, values)
    # One dimension is one row.
    assert decode(Arrays(Pixels), npy([1, 2, 3]), NPY).rows.tolist() == [[1, 2, 3]]


def test_nan_is_an_absent_value() -> None:
    """A field that may be absent takes NaN, whatever stands in the other rows."""
    found = decode(Arrays(Point), npy([[1, 2, np.nan]]), NPY).rows
    status, text = refusal(Arrays(Point), npy([[1, 2, np.nan], [50, 2.5, 1]]), NPY)

    np.testing.assert_array_equal(found, [[1, 2, np.nan]])
    assert (status, text.split(":")[0]) == (422, "row 2, count")


@pytest.mark.parametrize(("dtype", "value"), [("float32", 1e39), ("float16", 1e5)])
def test_number_too_large(dtype: str, value: float) -> None:
    """A number that the model's type would take for infinity is refused."""
    service = Arrays(create_model("Wide", one=float, two=float), dtype)

    for body, content_type in (
        (npy(np.array([[1, 2], [3, -value]])), NPY),
        (f"1,2\n3,-{value}".encode(), "text/csv"),
    ):
        status, text = refusal(service, body, content_type)
        assert status == 422
        assert text.startswith("row 2, two: ")
        assert f"too large for {dtype}" in text


def head(text: str) -> bytes:
    """Return a file of numpy that has this header, and no data."""
    line = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line


def shape(text: str) -> bytes:
    """Return a file that says it has such a shape."""
    return head(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {text}, }}")


def archive() -> bytes:
    """Return several arrays in a file: which of them would be the rows?"""
    file = io.BytesIO()
    np.savez(file, rows=np.zeros((1, 3)))
    return file.getvalue()


def test_array_without_rows() -> None:
    """It is told as in any other format."""
    status, text = refusal(Arrays(Point), npy(np.zeros((0, 3))), NPY)

    assert (status, "holds no rows" in text) == (400, True), text


@pytest.mark.parametrize(
    "body",
    [
        b"nonsense",
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00",
        npy([[1.0, 2, 3]])[:-1],
        npy([[1.0, 2, 3]]) + npy([[4.0, 5, 6]]),
        npy([[1.0, 2]]),
        npy(np.zeros((0, 3))),
        npy(np.zeros((1, 1, 3))),
        npy(np.float64(1)),
        npy(np.array([["1", "2", "3"]])),
        npy(np.array([[1j, 2, 3]])),
        npy(np.zeros((1, 3), FIELDS)),
        shape("(10**15,)"),
        shape("(10000000000, 2)"),
        shape("(99999999999999999999999, 3)"),
        shape("(-1, 3)"),
        shape("(1000000000000, 0)"),
        head("{'descr': [('x', '<U0')], 'fortran_order': False, 'shape': (1000000000000,), }"),
        head("{'descr': '(2"),
        head("{" * 100),
        pickle.dumps([[1, 2, 3]]),
        head("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + pickle.dumps([print]),
        archive(),
    ],
    ids=range(23),
)
def test_what_is_no_array_of_numbers(body: bytes) -> None:
    """It is the client's mistake, and nothing in it is run."""
    status, text = refusal(Arrays(Point), body, NPY)

    assert status in (400, 422)
    assert len(text) < 500


LINE = b"1.5,2,a\n"
PACKED = gzip.compress(LINE, mtime=0)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "identity", ""])
def test_encoding(encoding: str) -> None:
    """A body may be compressed, or as it is."""
    assert decode(Row, PACKED if "zip" in encoding.lower() else LINE, CSV, encoding).rows == [ONE]


@pytest.mark.parametrize(
    ("body", "encoding", "status", "words"),
    [
        (LINE, "gzip", 400, "is not gzip"),
        (PACKED[:-1], "gzip", 400, "not one whole gzip file"),
        (PACKED[:-8] + b"\0" * 8, "gzip", 400, "is not gzip"),
        (PACKED + b"more", "gzip", 400, "not one whole gzip file"),
        (PACKED + PACKED, "gzip", 400, "not one whole gzip file"),
        (gzip.compress(b"", mtime=0), "gzip", 400, "is empty"),
        (zlib.compress(LINE), "deflate", 415, "Content-Encoding deflate is not supported"),
        (PACKED, "gzip, gzip", 415, "is not supported"),
    ],
)
def test_broken_compression(body: bytes, encoding: str, status: int, words: str) -> None:
    """What cannot be decompressed as a whole is no request."""
    found, text = refusal(Row, body, CSV, encoding)

    assert found == status
    assert words in text


@pytest.mark.parametrize(("size", "fits"), [(LIMIT - 1, True), (LIMIT, True), (LIMIT + 1, False)])
def test_limit_is_that_of_the_rows(size: int, fits: bool) -> None:
    """A body may become as large as one that is sent as it is."""
    packed = gzip.compress(LINE.ljust(size, b"\n"))

    if fits:
        assert decode(Row, packed, CSV, "gzip").rows == [ONE]
    else:
        assert refusal(Row, packed, CSV, "gzip")[0] == 413


@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_bomb(content_type: str) -> None:
    """A few bytes that stand for 64 MiB take no more memory than the limit."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(RequestError, match="larger than") as caught:
            decode(Row, bomb, content_type, "gzip")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert caught.value.status == 413
    assert peak < len(bomb) + 4 * LIMIT


@pytest.mark.parametrize(
    "content_type",
    [
        "TEXT/CSV",
        " text/csv ; header=present",
        'text/csv; charset="UTF-8"',
        "text/csv;charset=utf8",
        "text/csv; charset=us-ascii",
    ],
)
def test_charset(content_type: str) -> None:
    """UTF-8, by any of its names."""
    assert decode(Row, LINE, content_type).rows == [ONE]


@pytest.mark.parametrize("charset", ["latin-1", "\xff", '"iso-8859-1"', "nonsense"])
@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_other_charset(content_type: str, charset: str) -> None:
    """Letters that would be read as others are refused before they are."""
    status, text = refusal(Row, LINE, f"{content_type}; charset={charset}")

    assert (status, charset.strip('"') in text, "Send UTF-8" in text) == (415, True, True)


@pytest.mark.parametrize("content_type", [JSON, JSON_LINES])
def test_text_of_windows(content_type: str) -> None:
    """A byte order mark is no part of the text; UTF-16, of which no header tells, is refused."""
    text = '{"size": 1.5, "count": 2, "name": "a"}'

    assert decode(Row, text.encode("utf-8-sig"), content_type).rows == [ONE]
    assert refusal(Row, text.encode("utf-16"), content_type)[0] == 400
