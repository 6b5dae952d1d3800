"""Parquet and Arrow, for large batches: where src/requirements.txt asks for pyarrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from mldock.serving.codecs.tables import Table, check_columns
from mldock.serving.messages import RequestError
from pyarrow import ipc, parquet

PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"


def read_parquet(body: bytes) -> Table:
    """Read a Parquet file."""
    return to_table(body, lambda source: parquet.read_table(source), "a Parquet file")


def read_arrow(body: bytes) -> Table:
    """Read an Arrow IPC stream."""
    return to_table(body, lambda source: ipc.open_stream(source).read_all(), "an Arrow stream")


def to_table(body: bytes, read: Any, what: str) -> Table:
    """Return the columns as one array if they are numbers, else as objects."""
    try:
        content = read(pa.BufferReader(body))
        names = content.column_names
        if not names:
            raise RequestError(400, "The table has no columns. Send at least one.")
        check_columns(names)
        if all(map(is_number, content.schema.types)):
            columns = [column.to_numpy() for column in content.columns]
            return Table(np.column_stack(columns), names)
        return Table(content.to_pylist())
    # Some values have no counterpart in Python, such as a date of the year 10,000.
    except (pa.ArrowException, ArithmeticError, OSError, ValueError) as error:
        raise RequestError(400, f"The body is not {what}: {error}") from error


def is_number(kind: Any) -> bool:
    """Say whether a type of Arrow's is one of numbers."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


READERS = {PARQUET: read_parquet, ARROW: read_arrow}
