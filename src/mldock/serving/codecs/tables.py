"""Rows as they come: JSON in its usual shapes, JSON lines, CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from mldock.serving.codecs.columns import Columns
from mldock.serving.messages import RequestError
from numpy.typing import NDArray

WRAPPERS = ("instances", "inputs", "dataframe_split", "dataframe_records")
SPLIT = ("columns", "data")

# What lines of numbers consist of.
NUMBERS = b"0123456789+-.eE, \t\r\n"

# A cell is as long as the body allows.
csv.field_size_limit(2**31 - 1)

Shape = Literal["one", "many", "instances"]

SHAPES = (
    'Send one object, a list of rows, {"instances": [...]}, {"inputs": [...]} or '
    '{"columns": [...], "data": [...]}.'
)


@dataclass
class Table:
    """Rows, not yet checked.

    Attributes:
        rows: Objects, lists of values, or an array of numbers.
        columns: The names of the values of the lists, if the request has them.
        shape: What the answer mirrors.

    """

    rows: list[Any] | NDArray[Any]
    columns: list[str] | None = None
    shape: Shape = "many"


def read_json(body: bytes, columns: Columns) -> Table:
    """Read JSON: an object or a list of rows, as they are or as SageMaker and pandas wrap them."""
    value = load(body, "The body")
    if isinstance(value, list):
        return Table(value)
    if not isinstance(value, dict):
        raise RequestError(400, f"The body is {value!r:.40}, not rows. {SHAPES}")
    for key in WRAPPERS:
        # A field of the model's may have the same name.
        if key in value and len(value) == 1 and key not in columns.names:
            return unwrap(key, value[key])
    if set(SPLIT) <= value.keys() and not set(SPLIT) <= set(columns.names):
        return split_table(value)
    return Table([value], shape="one")


def unwrap(key: str, value: Any) -> Table:
    """Read the rows below a key."""
    if key == "dataframe_split":
        return split_table(value)
    rows = value if isinstance(value, list) else [value]
    return Table(rows, shape="many" if key == "dataframe_records" else "instances")


def split_table(value: Any) -> Table:
    """Read what pandas writes with `to_json(orient="split")`."""
    columns, rows = (value.get(key) if isinstance(value, dict) else None for key in SPLIT)
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise RequestError(400, 'A table needs two lists, "columns" and "data".')
    return Table(rows, check_columns([str(column) for column in columns]))


def read_json_lines(body: bytes) -> Table:
    """Read one row a line."""
    lines = enumerate(body.split(b"\n"), start=1)
    return Table([load(line, f"Line {number}") for number, line in lines if line.strip()])


def load(text: bytes, what: str) -> Any:
    """Read a JSON value, or say where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, f"{what} is not JSON: {error}.") from error


def read_csv(body: bytes, columns: Columns) -> Table:
    """Read one row a line, after a header if its first line is one."""
    body = body.lstrip(b"\r\n")
    if columns.are_numbers:
        line, _, rest = body.partition(b"\n")
        cells = line.decode("utf-8", "replace").strip().split(",")
        names = cells if b'"' not in line and is_header(cells, columns) else None
        if rows := read_numbers(rest if names else body):
            return Table(rows, check_columns(names))
    lines: list[Any] = read_cells(body, ("", "nan") if columns.are_numbers else ("",))
    if lines and is_header(lines[0], columns):
        return Table(lines[1:], check_columns([cell or "" for cell in lines[0]]))
    return Table(lines)


def read_numbers(body: bytes) -> list[Any]:
    """Read lines that hold nothing but numbers; return nothing if they hold something else.

    They are JSON but for the brackets, and a JSON parser reads them ten times faster than `csv`.
    """
    if body.translate(None, NUMBERS):
        return []
    try:
        rows: list[Any] = orjson.loads(b"[[" + body.strip().replace(b"\n", b"],[") + b"]]")
    except orjson.JSONDecodeError:
        return []
    return rows if all(rows) else []


def read_cells(body: bytes, absent: tuple[str, ...]) -> list[list[str | None]]:
    """Read cells as text, quoted ones too; one of those that are absent is None."""
    try:
        text = io.StringIO(body.decode(), newline="")
        lines = [line for line in csv.reader(text, strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(400, f"The body is not CSV in UTF-8: {error}.") from error
    return [[None if cell.lower() in absent else cell for cell in line] for line in lines]


def is_header(cells: list[Any], columns: Columns) -> bool:
    """Say whether most cells of a line name a column, or only words stand where numbers must."""
    if columns.whole_row and columns.are_numbers:
        return all(cells) and not any(map(is_number, cells))
    return 2 * len(set(columns.names).intersection(cells)) > len(cells)


def is_number(cell: str) -> bool:
    """Say whether a cell holds a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def check_columns(columns: list[str] | None) -> list[str] | None:
    """Refuse a name that stands twice: its values would overwrite each other."""
    seen: set[str] = set()
    for column in columns or ():
        if column in seen:
            raise RequestError(400, f"The column {column!r:.80} is there twice. Keep one.")
        seen.add(column)
    return columns
