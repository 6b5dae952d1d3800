"""Parquet and Arrow, where a project asks for pyarrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.runtime.rows import ONE, TWO, Arrays, Pixels, Point, Row, Rows, decode, refusal

pa = pytest.importorskip("pyarrow")
ipc = pytest.importorskip("pyarrow.ipc")
parquet = pytest.importorskip("pyarrow.parquet")

PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"

Columns = dict[str, list[Any]]

POINTS: Columns = {"y": [3.0, 6.0], "x": [1.0, 4.0], "count": [2, 5]}


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


FORMATS = pytest.mark.parametrize(
    ("content_type", "write"), [(PARQUET, as_parquet), (ARROW, as_arrow)]
)
Write = Callable[[Any], bytes]


@FORMATS
def test_rows_of_several_types(content_type: str, write: Write) -> None:
    """Columns are found by their names, in any order; models of rows read the same files."""
    columns = {"name": ["a", "b"], "count": [2, 3], "size": [1.5, 2.5]}

    assert decode(Row, write(columns), content_type).rows == [ONE, TWO]
    assert decode(Rows(Point), write(POINTS), content_type).rows == [
        Point(x=1, count=2, y=3),
        Point(x=4, count=5, y=6),
    ]
    array = decode(Arrays(Point), write(POINTS), content_type).rows
    np.testing.assert_array_equal(array, [[1, 2, 3], [4, 5, 6]])


@FORMATS
@pytest.mark.parametrize("service", [Rows(Point), Arrays(Point)], ids=["rows", "arrays"])
def test_absent_value(content_type: str, write: Write, service: Rows | Arrays) -> None:
    """A null is an absent value: taken where the type takes it, else explained."""
    rows = decode(service, write({**POINTS, "y": [3.0, None]}), content_type).rows
    values = rows if isinstance(rows, np.ndarray) else [[r.x, r.count, r.y] for r in rows]
    np.testing.assert_array_equal(np.array(values, float), [[1, 2, 3], [4, 5, np.nan]])

    status, text = refusal(service, write({**POINTS, "x": [1.0, None]}), content_type)
    assert (status, text.split(":")[0]) == (422, "row 2, x")


@FORMATS
def test_list_column(content_type: str, write: Write) -> None:
    """A model of one list takes a column of lists, or as many columns as there are values."""
    for columns in ({"pixels": [[1.0, 2], [3, 4]]}, {"0": [1.0, 3], "1": [2.0, 4]}):
        np.testing.assert_array_equal(
            decode(Arrays(Pixels), write(columns), content_type).rows, [[1, 2], [3, 4]]
        )


@FORMATS
@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({**POINTS, "x": [1.0, 101]}, "row 2, x: Input should be less than or equal to 100"),
        ({"x": [1.0], "y": [2.0]}, "row 1, count: Field required"),
        ({**POINTS, "z": [1, 2]}, "row 1, z: Extra inputs are not permitted"),
        ({**POINTS, "x": [1.0, float("nan")]}, "row 2, x: "),
    ],
    ids=str,
)
def test_wrong_rows_are_explained(
    content_type: str, write: Write, columns: Columns, words: str
) -> None:
    """As in any other format."""
    status, text = refusal(Arrays(Point), write(columns), content_type)

    assert status == 422
    assert words in text


@FORMATS
def test_broken_files(content_type: str, write: Write) -> None:
    """They are the client's mistake."""
    body = write(POINTS)
    twice = write(pa.table([[1.0], [2.0]], names=["x", "x"]))

    for broken in (b"nonsense", body[:-9], body[:20], b"PAR1" + body[8:], body[40:]):
        assert refusal(Arrays(Point), broken, content_type)[0] == 400
    for position in range(0, len(body), 7):
        changed = bytearray(body)
        changed[position] ^= 0x55
        try:
            decode(Arrays(Point), bytes(changed), content_type)
        except Exception as error:
            assert type(error).__name__ == "RequestError", repr(error)  # noqa: PT017
    assert refusal(Arrays(Point), twice, content_type)[0] == 400
    assert refusal(Arrays(Point), write({"x": []}), content_type)[0] == 400
    assert refusal(Arrays(Point), write(pa.table({})), content_type)[0] == 400
