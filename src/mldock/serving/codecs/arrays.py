"""Rows of numbers to an array, at once where all is as it should be."""

from __future__ import annotations

import math
import struct
from operator import itemgetter
from typing import Any

import numpy as np
from mldock import ContainerError
from mldock.serving.codecs.columns import Columns
from mldock.serving.codecs.rows import RowReader
from mldock.serving.codecs.tables import Table
from mldock.serving.messages import RequestError
from numpy.typing import DTypeLike, NDArray
from pydantic import BaseModel


class ArrayReader:
    """Turns tables into arrays of shape (rows, columns).

    Rows that are right are never looked at one by one: their values are packed as they are, and
    their ranges are compared as columns. Whatever is not plainly right goes through the type
    itself, which accepts it after all or says what is wrong.
    """

    def __init__(self, row_type: type[BaseModel], dtype: DTypeLike) -> None:
        self.columns = Columns(row_type, dtype)
        if not self.columns.are_numbers:
            raise ContainerError(
                f"{row_type.__name__} has fields that are no numbers. An ArrayService needs int or "
                "float, or one list of them; derive the service from ModelService."
            )
        self.dtype = np.dtype(dtype)
        self.rows = RowReader(row_type, self.columns)
        # Of one name, itemgetter returns the value alone: that of a row that is a list.
        self.pick = itemgetter(*self.columns.names)

    def read(self, table: Table) -> NDArray[Any]:
        """Return the numbers.

        Raises:
            RequestError: 422, with the row, the field, what was found and what is allowed.

        """
        if self.columns.are_plain:
            try:
                array = self.read_at_once(table)
                if self.columns.admit(array):
                    return array.astype(self.dtype)
            except (ArithmeticError, LookupError, TypeError, ValueError, struct.error):
                pass
        return self.read_one_by_one(table)

    def read_at_once(self, table: Table) -> NDArray[Any]:
        """Return the numbers unchecked; raises one of many errors where the rows are odd."""
        rows, columns = table.rows, self.columns
        if table.columns:
            order = [table.columns.index(name) for name in columns.names]
            if same(map(len, rows)) != len(order) or columns.whole_row:
                raise ValueError("there are more columns, or values")
            if isinstance(rows, np.ndarray):
                rows = rows[:, order]
            elif order != sorted(order):
                rows = [[row[index] for index in order] for row in rows]
        if isinstance(rows, np.ndarray):
            if columns.width not in (0, rows.shape[1]):
                raise ValueError("the columns are too few, or too many")
            return rows
        if same(map(type, rows)) is dict:
            if same(map(len, rows)) != len(columns.names):
                raise ValueError("fields are absent, or too many")
            rows = [self.pick(row) for row in rows]
            if len(columns.names) == 1 and not columns.whole_row:
                rows = [[value] for value in rows]
        if same(map(type, rows)) not in (list, tuple):
            raise TypeError("a row is neither an object nor a list")
        width = same(map(len, rows))
        if columns.width not in (0, width):
            raise ValueError("the values are too few, or too many")
        return pack(rows).reshape(len(rows), width)

    def read_one_by_one(self, table: Table) -> NDArray[Any]:
        """Return the numbers after the type has looked at each."""
        fields = self.columns.fields
        rows = [[getattr(row, name) for name in fields] for row in self.rows.read(table)]
        if self.columns.whole_row:
            rows = [values for (values,) in rows]
        try:
            numbers = np.array(rows, np.float64)
        except ValueError as error:
            fault = "The rows have different lengths. Send as many values in each."
            raise RequestError(422, fault) from error
        except ArithmeticError as error:
            raise RequestError(422, f"A number is too large: {error}.") from error
        with np.errstate(over="ignore"):
            array = numbers.astype(self.dtype)
        too_large = np.argwhere(np.isinf(array) & ~np.isinf(numbers))
        if too_large.size:
            row, column = too_large[0]
            name = self.columns.names[0 if self.columns.whole_row else column]
            fault = f"row {row + 1}, {name}: {numbers[row, column]} is too large for {self.dtype}"
            raise RequestError(422, fault)
        return array


def same(values: Any) -> Any:
    """Return the value that all are; raises ValueError if they differ."""
    (value,) = set(values)
    return value


def pack(rows: list[Any]) -> NDArray[Any]:
    """Return the values of rows of one length; raises struct.error where one is no number nor None.

    Unlike numpy, it takes no text for a number, and it is twice as fast.
    """
    numbers = struct.Struct(f"{len(rows[0])}d").pack
    try:
        packed = [numbers(*row) for row in rows]
    except struct.error:
        packed = [numbers(*[math.nan if one is None else one for one in row]) for row in rows]
    return np.frombuffer(b"".join(packed))
