"""Rows as they came to rows of the model's type, or to the fault that a client can mend."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np
from mldock.serving.codecs.columns import Columns
from mldock.serving.codecs.tables import Table
from mldock.serving.messages import RequestError
from pydantic import BaseModel, TypeAdapter, ValidationError

# A list of a thousand wrong rows helps nobody, nor does one with a thousand columns.
FAULTS_SHOWN = 5
NAMES_SHOWN = 40


class RowReader:
    """Turns tables into lists of the type of row."""

    def __init__(self, row_type: type[BaseModel], columns: Columns) -> None:
        self.columns = columns
        self.adapter = TypeAdapter(list[row_type])  # type: ignore[valid-type]

    def read(self, table: Table) -> list[Any]:
        """Return the rows.

        Raises:
            RequestError: 422, with the row, the field, what was found and what is allowed.

        """
        rows = table.rows
        if isinstance(rows, np.ndarray):
            if self.columns.may_lack:
                rows = np.where(np.isnan(rows), np.array(None), rows)
            rows = rows.tolist()
        rows = [
            self.name(row, table, number) if isinstance(row, list) else row
            for number, row in enumerate(rows, start=1)
        ]
        try:
            return self.adapter.validate_python(rows)
        except ValidationError as error:
            faults = [describe(fault) for fault in error.errors(include_url=False)[:FAULTS_SHOWN]]
            more = error.error_count() - len(faults)
            text = "; ".join(faults) + (f"; and {more} more" if more else "")
            raise RequestError(422, text) from error

    def name(self, row: list[Any], table: Table, number: int) -> dict[str, Any]:
        """Name the values of a row by their columns; an absent one has no name."""
        names = table.columns or self.columns.names
        if self.columns.whole_row and not table.columns:
            return {names[0]: row}
        if len(row) != len(names):
            shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
            fault = f"row {number} has {len(row)} values where {len(names)} are expected: {shown}"
            raise RequestError(422, fault)
        return {
            key: value
            for key, value in zip(names, row, strict=True)
            if value is not None or key in self.columns.nullable
        }


def describe(fault: Any) -> str:
    """Say where a value is wrong, what is allowed and what was found."""
    row, *path = fault["loc"]
    where = f"row {row + 1}" + (f", {'.'.join(map(str, path))}" if path else "")
    found = "" if fault["type"] == "missing" else f", found {shown(fault['input'])}"
    return f"{where}: {fault['msg']}{found}"


def shown(value: Any) -> str:
    """Return a value in quotes, in part if it is long or deep."""
    return repr(str(value)[:80]) if isinstance(value, str | int | float) else reprlib.repr(value)
