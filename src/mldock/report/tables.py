"""The columns of CSV files, from as many of their first rows as can be read in a second or two."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TextIO

from mldock.logs import redact

MOST_ROWS = 10_000
MOST_CELLS = 400_000
MOST_COLUMNS = 200
MOST_FILES = 100

# Of a column's values; a text that is longer than that is no name of a class.
MOST_VALUES = 1000
SHOWN_VALUES = 4
LONGEST_VALUE = 40

# In letters. A file without ends of lines must not come into memory as a whole.
LONGEST_LINE = 1_000_000

MISSING = {"", "nan", "na", "n/a", "null", "none"}


@dataclass
class Column:
    """A column of tables, and what its cells hold.

    Attributes:
        name: Its name, or its number where the tables have no names.
        cells: How many of its cells were read.
        missing: How many of them are empty.
        numbers: How many hold a number.
        whole: Whether all numbers are whole.
        low: The smallest number.
        high: The largest number.
        total: The sum of the numbers.
        values: How often each of its first values is there.

    """

    name: str
    cells: int = 0
    missing: int = 0
    numbers: int = 0
    whole: bool = True
    low: float = math.inf
    high: float = -math.inf
    total: float = 0.0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, cell: str) -> None:
        """Take a cell into account."""
        self.cells += 1
        text = cell.strip()
        if text.lower() in MISSING:
            self.missing += 1
            return
        if len(self.values) < MOST_VALUES or text in self.values:
            self.values[text] += 1
        if (number := as_number(text)) is None:
            return
        self.numbers += 1
        self.whole = self.whole and number.is_integer()
        self.low, self.high = min(self.low, number), max(self.high, number)
        self.total += number

    @property
    def kind(self) -> str:
        """What the cells that are not empty hold."""
        if self.missing == self.cells:
            return "empty"
        if self.numbers == self.cells - self.missing:
            return "whole number" if self.whole else "number"
        return "text and numbers" if self.numbers else "text"

    @property
    def mean(self) -> float | None:
        """The mean of a column of numbers."""
        return self.total / self.numbers if self.kind.endswith("number") else None

    @property
    def frequent(self) -> list[tuple[str, int]]:
        """The most frequent values; one that is there once may name a person, and is left out."""
        common = self.values.most_common(SHOWN_VALUES)
        return [(redact(value)[:LONGEST_VALUE], count) for value, count in common if count > 1]

    @property
    def different(self) -> str:
        """How many different values there are, as far as they were counted."""
        return f"over {MOST_VALUES}" if len(self.values) == MOST_VALUES else str(len(self.values))


@dataclass
class Table:
    """All files of a channel that have the same columns as the first of them.

    Attributes:
        columns: The first of its columns.
        width: How many columns it has in all.
        rows: How many rows were read.
        files: How many files they are from.
        others: How many files have other columns, or cannot be read.
        whole: Whether each row of each file was read.

    """

    columns: list[Column]
    width: int
    rows: int = 0
    files: int = 0
    others: int = 0
    whole: bool = True


def read_tables(paths: list[Path]) -> Table | None:
    """Read the first rows of CSV files; None if there is no table among them."""
    table: Table | None = None
    head: list[str] = []
    for path in paths[:MOST_FILES]:
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                names, rows = split(lines_of(file))
                if not names:
                    continue
                if table is None:
                    columns = [Column(name) for name in names[:MOST_COLUMNS]]
                    table, head = Table(columns, len(names)), names
                if names != head:
                    table.others += 1
                    continue
                table.files += 1
                add_rows(table, rows)
        except (OSError, csv.Error):
            if table:
                table.others += 1
    if table and len(paths) > MOST_FILES:
        table.whole = False
    return table


def lines_of(file: TextIO) -> Iterator[str]:
    """Return the lines of a file; csv.Error for one without an end."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise csv.Error
        yield line


def split(lines: Iterator[str]) -> tuple[list[str], Iterator[list[str]]]:
    """Return the names of the columns and the rows; without names the columns are numbered."""
    first = next(lines, "")
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(chain([first], lines), delimiter=delimiter)
    names = next(rows, [])
    if names and all(as_number(name) is not None for name in names):
        return [f"column {number}" for number in range(1, len(names) + 1)], chain([names], rows)
    return names, rows


def add_rows(table: Table, rows: Iterator[list[str]]) -> None:
    """Read rows until there are enough."""
    most = min(MOST_ROWS, MOST_CELLS // len(table.columns))
    for row in rows:
        if not row:
            continue
        if table.rows == most:
            table.whole = False
            return
        table.rows += 1
        for place, column in enumerate(table.columns):
            column.add(row[place] if place < len(row) else "")


def as_number(text: str) -> float | None:
    """Return the finite number that a text is."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
