"""A request to a table, and on to what the model takes: one reader for each content type."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import orjson
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, Request, RequestError
from mldock.serving.service import ArrayService, BaseService
from mldock.serving.validation import LARGEST_INTEGER, ArrayReader, Columns, RowReader, Table
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic_core import from_json

if find_spec("pyarrow"):
    import pyarrow as pa
    from pyarrow import ipc, parquet

PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"

# Other names of a content type; none is registered.
ALIASES = {f"application/{name}": JSON_LINES for name in ("jsonl", "ndjson", "x-ndjson")}

# The rows of a request: SageMaker's, Vertex AI's and TensorFlow Serving's, MLflow's; and what may
# be beside them: a model here takes no parameters, and has one signature.
ENVELOPES = ("instances", "inputs", "dataframe_split", "dataframe_records")
PARAMETERS = ("parameters", "params")
BESIDE = {*PARAMETERS, "signature_name"}
SPLIT = ("columns", "data")
TENSOR = {"shape", "datatype"}

FORMS = """Send one object, a list of rows, {"instances": [...]}, {"inputs": [...]} or \
{"columns": [...], "data": [...]}."""

# What lines of numbers consist of, and what a cell is that names no column above them.
NUMBERS = b"0123456789+-.eE, \t\r\n"
NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(inf|infinity|nan)|\[.*", re.I)
# Cells that are absent in any column, and words in one that takes no text: pandas writes them so.
ABSENT: dict[str, Any] = {"": None}
WORDS = ABSENT | dict.fromkeys(("NaN", "nan", "NAN"))
WORDS |= dict.fromkeys(("True", "true", "TRUE"), True)
WORDS |= dict.fromkeys(("False", "false", "FALSE"), False)
# orjson reads an integer of more than 64 bits as a float.
LONG_NUMBER = re.compile(rb"\d{19}")
# A cell is as long as the body allows.
csv.field_size_limit(2**31 - 1)

Load = Callable[[bytes], Any]
Reader = Callable[[bytes, Load], Table]
ReadCell = Callable[[str, Any], Any]


class Decoder:
    """Reads the requests to one model: `readers` has what reads a body of each content type."""

    def __init__(self, service: BaseService[Any, Any], limit: int) -> None:
        self.limit = limit
        row_type = service.input_type
        self.rows: ArrayReader | RowReader = RowReader(row_type, Columns(row_type))
        if isinstance(service, ArrayService):
            self.rows = ArrayReader(row_type, service.dtype)
        columns = self.rows.columns
        cells = {name: cell_reader(kinds) for name, kinds in columns.kinds.items()}
        self.readers: dict[str, Reader] = {
            JSON: lambda body, load: read_json(body, columns, load),
            JSON_LINES: read_json_lines,
            CSV: lambda body, load: read_csv(body, columns, cells, load),
        }
        as_array = isinstance(service, ArrayService)
        if as_array:
            self.readers[NPY] = lambda body, _: read_npy(body, columns)
        for kind in (PARQUET, ARROW) if find_spec("pyarrow") else ():
            self.readers[kind] = lambda body, _, kind=kind: read_arrow(body, kind, as_array)  # type: ignore[misc]
        for content_type, decode in service.decoders.items():
            self.readers[content_type] = lambda body, _, decode=decode: Table(decode(body))  # type: ignore[misc]

    def parse(self, request: Request) -> Table:
        """Read a request, but for its rows; raises RequestError, as all functions here do."""
        content_type = media_type(request.content_type)
        alias = JSON if content_type.endswith("+json") else ALIASES.get(content_type, "")
        reader = self.readers.get(content_type) or self.readers.get(alias)
        if reader is None:
            known = f"Send one of: {', '.join(self.readers)}."
            fault = f"Content-Type {content_type or '(none)'} is not supported. {known}"
            raise RequestError(415, fault)
        body = read_body(request, self.limit)
        table = self.check(reader(body, load_json))
        table.source = reader, body
        return table

    def check(self, table: Table) -> Table:
        if not len(table.rows):
            raise RequestError(400, "The request holds no rows. Send at least one.")
        if self.rows.columns.single_list_field and table.columns != self.rows.columns.names:
            # The values of a list have no names of the model's.
            table.columns = None
        return table

    def read(self, tables: Sequence[Table]) -> list[Any] | NDArray[Any]:
        """Return the rows of requests as the model takes them; a fault is right of one alone."""
        first = tables[0]
        if len(tables) == 1:
            try:
                return self.rows.read(first)
            except RequestError:
                reader, body = first.source or (None, b"")
                if not reader or not LONG_NUMBER.search(body):
                    raise
            return self.rows.read(self.check(reader(body, load_exactly)))
        kinds = {(one.columns is None, type(one.rows[0])) for one in tables}
        if kinds in ({(True, dict)}, {(True, list)}):
            return self.rows.read(Table([row for one in tables for row in one.rows]))
        parts = [self.rows.read(one) for one in tables]
        if isinstance(self.rows, ArrayReader):
            return np.concatenate(parts)
        return [row for part in parts for row in part]


@lru_cache(maxsize=256)
def media_type(header: str) -> str:
    """Return a content type without its parameters, if its charset is supported."""
    name, _, parameters = header.lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise RequestError(415, f"The charset {charset} is not supported. Send UTF-8.")
    return name.strip()


def read_body(request: Request, limit: int) -> bytes:
    body = request.body
    if request.encoding not in ("", "identity"):
        body = decompress(body, request.encoding, limit)
    body = body.removeprefix(codecs.BOM_UTF8)
    if not body or body.isspace():
        raise RequestError(400, "The body is empty. Send at least one row.")
    return body


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Decompress gzip, no further than `limit`: a few bytes may stand for gigabytes."""
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise RequestError(415, f"Content-Encoding {encoding} is not supported. Send gzip.")
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = gzip.decompress(body, limit + 1)
    except zlib.error as error:
        fault = f"The body is not gzip: {error}. Send gzip, or no Content-Encoding."
        raise RequestError(400, fault) from error
    if len(plain) > limit:
        fault = f"Decompressed, the body is larger than {limit:,} bytes. Send fewer rows."
        raise RequestError(413, fault)
    if not gzip.eof or gzip.unused_data:
        raise RequestError(400, "The body is not one whole gzip file. Send all of it, and no more.")
    return plain


def load_json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # JSON allows numbers of any size; that one is too large is a matter of its field.
        if "infinity" not in str(error):
            raise
        return load_exactly(text)


def load_exactly(text: bytes | str) -> Any:
    """Return a JSON value, with each integer to its last digit; slower than `load_json`."""
    return from_json(text, allow_inf_nan=False)


def read_json(body: bytes, columns: Columns, load: Load) -> Table:
    try:
        value = load(body)
    except ValueError as error:
        raise RequestError(400, f"The body is not JSON: {error}.") from error
    if isinstance(value, list):
        return Table(value)
    if not isinstance(value, dict):
        raise RequestError(400, f"The body is {value!r:.40}, not rows. {FORMS}")
    for key in ENVELOPES:
        # A field of the model's may have the same name.
        if key in value and key not in columns.kinds:
            others = value.keys() - {key}
            if others <= BESIDE or others.isdisjoint(columns.kinds):
                return read_envelope(key, value, columns)
    if set(SPLIT) <= value.keys() and not set(SPLIT) <= columns.kinds.keys():
        return read_split(value)
    return Table([value], shape="one")


def read_envelope(key: str, envelope: dict[str, Any], columns: Columns) -> Table:
    """Read the rows below a key, if what is beside it can be honoured."""
    rows = envelope[key]
    first = rows[0] if isinstance(rows, list) and rows else None
    if isinstance(first, dict) and first.keys() - columns.kinds >= TENSOR:
        fault = f"Tensors of the Open Inference Protocol (KServe v2) are not supported. {FORMS}"
        raise RequestError(400, fault)
    if given := [name for name in PARAMETERS if envelope.get(name)]:
        fault = f'This model takes no parameters. Send "{key}" without "{given[0]}".'
        raise RequestError(400, fault)
    if others := sorted(envelope.keys() - BESIDE - {key}):
        raise RequestError(400, f'"{others[0]:.80}" is not supported beside "{key}". {FORMS}')
    if key == "dataframe_split":
        return read_split(rows)
    if key == "inputs" and isinstance(rows, dict) and has_columns(rows, columns):
        names, values = list(rows), list(rows.values())
        if len({len(column) for column in values}) > 1:
            raise RequestError(400, 'The lists of "inputs" have different lengths. Fix them.')
        return Table([list(row) for row in zip(*values, strict=True)], names, "instances")
    rows = rows if isinstance(rows, list) else [rows]
    return Table(rows, shape="many" if key == "dataframe_records" else "instances")


def has_columns(value: dict[str, Any], columns: Columns) -> bool:
    """Return whether an object has a list of values for each field, as TensorFlow Serving's."""
    lists = list(value.values())
    if not lists or not all(isinstance(values, list) for values in lists):
        return False
    # A field that is a list itself has it in a row too.
    takes_none = any("array" not in columns.kinds.get(name, ()) for name in value)
    return takes_none or all(isinstance(one, list) for values in lists for one in values)


def read_split(value: Any) -> Table:
    """Read what pandas writes with `to_json(orient="split")`."""
    columns, rows = (value.get(key) if isinstance(value, dict) else None for key in SPLIT)
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise RequestError(400, 'A table needs two lists, "columns" and "data".')
    return Table(rows, check_columns([str(column) for column in columns]))


def read_json_lines(body: bytes, load: Load) -> Table:
    rows = []
    for number, line in enumerate(body.split(b"\n"), start=1):
        try:
            if line.strip():
                rows.append(load(line))
        except ValueError as error:
            raise RequestError(400, f"Line {number} is not JSON: {error}.") from error
    return Table(rows)


def read_csv(body: bytes, columns: Columns, cells: Mapping[str, ReadCell], load: Load) -> Table:
    """Read one row a line, after a header if its first line is one."""
    body = body.lstrip(b"\r\n")
    if columns.are_numbers:
        line, _, rest = body.partition(b"\n")
        first = line.decode("utf-8", "replace").strip().split(",")
        first = list(map(str.strip, first)) if b" " in line else first
        names = read_header(first, columns) if b'"' not in line else None
        text = rest if names else body
        # Lines of nothing but numbers are JSON but for the brackets: ten times as fast as `csv`.
        if not text.translate(None, NUMBERS):
            try:
                rows = load(b"[[" + text.strip().replace(b"\n", b"],[") + b"]]")
            except ValueError:
                rows = [[]]
            if all(rows):
                return Table(rows, check_columns(names))
    try:
        file = io.StringIO(body.decode(), newline="")
        lines: list[Any] = [line for line in csv.reader(file, strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(400, f"The body is not CSV in UTF-8: {error}.") from error
    names = check_columns(read_header(list(map(str.strip, lines[0])), columns)) if lines else None
    lines = lines[bool(names) :]
    if columns.single_list_field and names != columns.names:
        read = cell_reader(columns.item_kinds)
        return Table([read_list(line, read) for line in lines])
    readers = [cells.get(name, ABSENT.get) for name in names or columns.names]
    for number, line in enumerate(lines):
        if len(line) == len(readers):
            lines[number] = [read(cell, cell) for read, cell in zip(readers, line, strict=True)]
    return Table(lines, names)


def read_header(cells: list[str], columns: Columns) -> list[str] | None:
    """Return the names in a line where most cells name a column, or no number is above numbers."""
    if columns.single_list_field and columns.are_numbers:
        is_header = all(cells) and not any(map(NUMBER.fullmatch, cells))
    else:
        is_header = 2 * sum(map(columns.kinds.__contains__, cells)) > len(cells)
    return cells if is_header else None


def cell_reader(kinds: set[str]) -> ReadCell:
    """Return what reads the cells of a column: JSON where no text is expected."""
    if "string" in kinds:
        return ABSENT.get
    # What says which values are numbers, and faster, is the type itself.
    return WORDS.get if kinds <= {"number", "null"} else read_value


def read_value(cell: str, default: Any) -> Any:
    """Return the value of a cell that holds JSON or one of `WORDS`, else the default."""
    try:
        return WORDS[cell] if cell in WORDS else load_exactly(cell)
    except ValueError:
        return default


def read_list(line: list[str], read: ReadCell) -> list[Any]:
    """Return the values of a line, or of the list in its only cell, as answers in CSV have it."""
    value = read_value(line[0], None) if len(line) == 1 else None
    return value if isinstance(value, list) else [read(cell, cell) for cell in line]


def drop_nan(value: Any) -> Any:
    """Return a value, or None for NaN: that is an absent value in every format."""
    return None if isinstance(value, float) and math.isnan(value) else value


def check_columns(columns: list[str] | None) -> list[str] | None:
    """Refuse a name that stands twice: its values would overwrite each other."""
    for column, count in Counter(columns).items():
        if count > 1:
            raise RequestError(400, f"The column {column!r:.80} is there twice. Keep one.")
    return columns


def read_npy(body: bytes, columns: Columns) -> Table:
    """Read numpy's file of an array of one or two dimensions, or of records; never a pickle."""
    file = io.BytesIO(body)
    try:
        array = npy.read_array(file, allow_pickle=False)
        if rest := len(file.read()):
            raise ValueError(f"{rest} bytes follow the array")
        # A header may claim any number of rows that take no bytes.
        if not array.nbytes and array.shape[:1] != (0,):
            raise ValueError(f"an array of shape {array.shape} holds no values")
    # numpy evaluates the header, and fails on a wrong one in many ways.
    except Exception as error:
        fault = f"The body is not a .npy file of numbers: {type(error).__name__}: {error}"
        raise RequestError(400, f"{fault:.300}") from error
    names = array.dtype.names
    if names and array.ndim == 1:
        rows = [list(map(drop_nan, row)) for row in array.tolist()]
        return Table(rows, check_columns(list(names)))
    if array.ndim not in (1, 2) or array.dtype.kind not in "biuf":
        raise RequestError(400, "The array must hold numbers, of the shape (rows, columns).")
    if columns.width == 1 and not columns.single_list_field:
        return Table(array.reshape(len(array), -1))
    return Table(np.atleast_2d(array))


def read_arrow(body: bytes, kind: str, as_array: bool) -> Table:
    """Read Parquet or Arrow; columns of numbers as an array where the model takes one."""
    try:
        file = pa.BufferReader(body)
        content = parquet.read_table(file) if kind == PARQUET else ipc.open_stream(file).read_all()
        names = check_columns(content.column_names)
        if not names:
            raise RequestError(400, "The table has no columns. Send at least one.")
        types = content.schema.types
        if as_array and all(pa.types.is_integer(t) or pa.types.is_floating(t) for t in types):
            array = np.column_stack([column.to_numpy() for column in content.columns])
            # Integers beside floats are floats, which do not tell the largest apart.
            if not (np.abs(array) > LARGEST_INTEGER).any():
                return Table(array, names)
        columns = [map(drop_nan, column.to_pylist()) for column in content.columns]
        return Table([list(row) for row in zip(*columns, strict=True)], names)
    # Some values have no counterpart in Python, such as a date of the year 10,000.
    except (pa.ArrowException, ArithmeticError, OSError, ValueError) as error:
        raise RequestError(400, f"The body is not {kind}: {error}") from error
