"""A request to the rows that the model takes: one reader for each content type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from mldock.serving.codecs.arrays import ArrayReader
from mldock.serving.codecs.bodies import media_type, read_body
from mldock.serving.codecs.columns import Columns
from mldock.serving.codecs.npy import read_npy
from mldock.serving.codecs.rows import RowReader
from mldock.serving.codecs.tables import (
    Table,
    read_csv,
    read_json,
    read_json_lines,
)
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, Request, RequestError
from mldock.serving.service import ArrayService, BaseService
from numpy.typing import NDArray


class Decoder:
    """Reads the requests to one model.

    Attributes:
        readers: What reads a body of each content type.

    """

    def __init__(self, service: BaseService[Any, Any], limit: int) -> None:
        self.limit = limit
        self.rows: ArrayReader | RowReader
        if isinstance(service, ArrayService):
            self.rows = ArrayReader(service.input_type, service.dtype)
            columns = self.rows.columns
        else:
            columns = Columns(service.input_type)
            self.rows = RowReader(service.input_type, columns)
        self.readers: dict[str, Callable[[bytes], Table]] = {
            JSON: lambda body: read_json(body, columns),
            JSON_LINES: read_json_lines,
            CSV: lambda body: read_csv(body, columns),
        }
        if isinstance(service, ArrayService):
            self.readers[NPY] = read_npy
        if find_spec("pyarrow"):
            from mldock.serving.codecs.arrow import READERS

            self.readers |= READERS
        for content_type, decode in service.decoders.items():
            self.readers[content_type] = lambda body, decode=decode: Table(decode(body))  # type: ignore[misc]

    def parse(self, request: Request) -> Table:
        """Read a request, but for its rows.

        Raises:
            RequestError: It is of no known type, not of its type, or empty.

        """
        content_type = media_type(request.content_type)
        reader = self.readers.get(content_type)
        if reader is None:
            known = ", ".join(self.readers)
            fault = (
                f"Content-Type {content_type or '(none)'} is not supported. Send one of: {known}."
            )
            raise RequestError(415, fault)
        table = reader(read_body(request, self.limit))
        if not len(table.rows):
            raise RequestError(400, "The request holds no rows. Send at least one.")
        if self.rows.columns.whole_row and table.columns != self.rows.columns.names:
            # The values of a list have no names of the model's.
            table.columns = None
        return table

    def read(self, tables: Sequence[Table]) -> list[Any] | NDArray[Any]:
        """Return the rows of some requests as the model takes them.

        Raises:
            RequestError: A row is not what the model expects; it is told rightly of one request.

        """
        first = tables[0]
        if len(tables) == 1:
            return self.rows.read(first)
        kind = type(first.rows[0])
        if kind in (dict, list) and all(
            one.columns is None and type(one.rows[0]) is kind for one in tables
        ):
            return self.rows.read(Table([row for one in tables for row in one.rows]))
        parts = [self.rows.read(one) for one in tables]
        if isinstance(self.rows, ArrayReader):
            return np.concatenate(parts)
        return [row for part in parts for row in part]
