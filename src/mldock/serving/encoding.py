"""Answers to a body, in the format that the client accepts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from types import NoneType, SimpleNamespace
from typing import Any

import numpy as np
import orjson
from mldock.serving.decoding import ALIASES
from mldock.serving.messages import CSV, JSON, JSON_LINES, NPY, RequestError
from mldock.serving.validation import Shape
from numpy.lib import format as npy
from numpy.typing import NDArray
from pydantic import BaseModel
from pydantic_core import to_json
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

FORMATS = (JSON, CSV, JSON_LINES, NPY)

# As JSON, values of numpy's too.
dumps = partial(orjson.dumps, option=orjson.OPT_SERIALIZE_NUMPY)

# Columns by name, each with one value a row.
Answers = Mapping[str, Sequence[Any]]


@lru_cache(maxsize=256)
def negotiate(accept: str, content_type: str) -> str:
    """Return the format of the answer: of those accepted the preferred one, by quality.

    Where the client accepts anything, the answer to CSV is CSV and to JSON lines JSON lines, as
    batch transform expects; the rest is answered with JSON.
    """
    sent = content_type.partition(";")[0].strip().lower()
    own = sent if ALIASES.get(sent, sent) in (CSV, JSON_LINES) else JSON
    # A parameter of a type, such as `header=absent`, makes none another.
    types = re.sub(r";(?!\s*q=)[^;,]*", "", accept.lower() or "*/*")
    best = parse_accept_header(types, MIMEAccept).best_match([own, *FORMATS, *ALIASES])
    if best is None:
        fault = f"Accept: {accept} is not supported. Accept one of: {', '.join(FORMATS)}."
        raise RequestError(406, fault)
    return best


def to_columns(answers: Any, names: Mapping[str, str]) -> Answers:
    """Turn what a model returned, columns or rows, into columns of values by their `names`."""
    if isinstance(answers, Mapping):
        return {name: to_values(np.asarray(answers[field])) for field, name in names.items()}
    rows = [answer.model_dump(mode="json", by_alias=True) for answer in answers]
    return {name: [row[name] for row in rows] for name in names.values()}


def to_values(column: NDArray[Any]) -> Any:
    """Return a column as Python's own values, but for floats that are shorter than those.

    As its own, 0.1 of 32 bits would be 0.10000000149011612.
    """
    kind = column.dtype.char
    if kind == "f" and column.ndim:
        return np.ascontiguousarray(column, np.float32)
    # The shortest text of 16 bits is numpy's alone.
    return (column.astype(str).astype(float) if kind == "e" else column).tolist()


def encode(answers: Answers, shape: Shape, content_type: str) -> bytes:
    if content_type == NPY:
        return write_npy(answers)
    if content_type == CSV:
        return write_csv(zip(*map(to_cells, answers.values()), strict=True))
    rows = to_rows(answers)
    if content_type != JSON:
        return write_json_lines(rows)
    if shape == "one":
        return write_json(rows[0])
    return write_json({"predictions": rows} if shape == "instances" else rows)


def write_json(value: Any) -> bytes:
    """Write JSON; a number that is not finite is null."""
    try:
        return dumps(value)
    except orjson.JSONEncodeError:
        # orjson writes no integer of more than 64 bits, and no key that is not text.
        return to_json(value, inf_nan_mode="null", fallback=lambda one: orjson.loads(dumps(one)))


def write_json_lines(rows: Sequence[Any]) -> bytes:
    option = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    try:
        return b"".join([orjson.dumps(row, option=option) for row in rows])
    except orjson.JSONEncodeError:
        return b"".join([write_json(row) + b"\n" for row in rows])


def to_rows(answers: Answers) -> list[dict[str, Any]]:
    """Return the answers row by row; filled by columns, which is four times as fast."""
    (first, values), *others = answers.items()
    rows: list[dict[str, Any]] = [{first: value} for value in values]
    for name, values in others:
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return rows


def to_cells(values: Sequence[Any]) -> Iterable[Any]:
    """Return a column as the cells of CSV: lists and objects are JSON."""
    kinds = set(map(type, values))
    if kinds <= {bool, float, int, str, NoneType}:
        return values
    if kinds == {np.float32}:
        # orjson writes them ten times faster than numpy.
        cells = write_json(np.asarray(values))[1:-1].decode().split(",")
        if "null" not in cells:
            return cells
    nested = (list, dict, tuple, np.ndarray)
    return [write_json(one).decode() if isinstance(one, nested) else one for one in values]


def write_csv(rows: Any) -> bytes:
    lines: list[str] = []
    # Told of CRLF, Python before 3.13 too quotes a text that holds a lone carriage return.
    csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n").writerows(rows)
    return "".join([line[:-2] + "\n" for line in lines]).encode()


def write_npy(answers: Answers) -> bytes:
    """Write one column as an array, several as an array of records with their names."""
    file = io.BytesIO()
    try:
        columns = {name: np.asarray(values) for name, values in answers.items()}
        array = next(iter(columns.values()))
        if len(columns) > 1:
            types = [(name, column.dtype, column.shape[1:]) for name, column in columns.items()]
            array = np.empty(len(array), types)
            for name, column in columns.items():
                array[name] = column
        npy.write_array(file, array, allow_pickle=False)
    # The values have no fixed type, or lists of several lengths.
    except ValueError as error:
        raise RequestError(406, f"The answer does not fit into {NPY}. Accept {JSON}.") from error
    return file.getvalue()


def to_line(answer: BaseModel) -> bytes:
    """Write one part of a streamed answer as a line of JSON."""
    return write_json_lines([answer.model_dump(mode="json", by_alias=True)])
