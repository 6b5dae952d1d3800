"""Request bodies to typed rows, typed rows to response bodies: JSON and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_origin

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

JSON = "application/json"
CSV = "text/csv"

# A list of a thousand wrong rows helps nobody.
FAULTS_SHOWN = 5


@dataclass(frozen=True)
class Request:
    """The rows of a request, and the shape that its answer mirrors."""

    rows: list[Any]
    shape: Literal["one", "many", "instances"]


def decode(body: bytes, content_type: str, input_type: type[BaseModel]) -> Request:
    """Read a request.

    JSON is one object, a list of them, or either under `{"instances": ...}`; a row may also be a
    list of values in the order of the fields. CSV has one row a line, with or without a header.

    Raises:
        UnsupportedMediaType: The type is neither JSON nor CSV.
        BadRequest: The body is not of its type, or a row is not what the model expects.

    """
    if content_type == JSON:
        return decode_json(body, input_type)
    if content_type == CSV:
        return Request(validate(read_csv(body, input_type), input_type), "many")
    raise UnsupportedMediaType(
        f"Content-Type {content_type or '(none)'} is not supported. Send {JSON} or {CSV}."
    )


def encode(answers: Sequence[BaseModel], shape: str, accept: MIMEAccept) -> tuple[bytes, str]:
    """Write the answers as the client accepts them; return the body and its type.

    Raises:
        NotAcceptable: The client accepts neither JSON nor CSV.

    """
    content_type = accept.best_match([JSON, CSV]) if accept else JSON
    rows = [answer.model_dump() for answer in answers]
    if content_type == JSON:
        many = {"predictions": rows} if shape == "instances" else rows
        return orjson.dumps(rows[0] if shape == "one" else many), JSON
    if content_type == CSV:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(row.values() for row in rows)
        return text.getvalue().encode(), CSV
    raise NotAcceptable(f"Accept: {accept} is not supported. Accept {JSON} or {CSV}.")


def decode_json(body: bytes, input_type: type[BaseModel]) -> Request:
    """Read JSON in any of its shapes."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from error
    shape: Literal["one", "many", "instances"] = "many"
    if isinstance(value, dict) and value.keys() == {"instances"}:
        value, shape = value["instances"], "instances"
    elif isinstance(value, dict):
        shape = "one"
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise BadRequest("The body must be a JSON object or a list of objects.")
    rows = [name_columns(row, input_type) if isinstance(row, list) else row for row in value]
    return Request(validate(rows, input_type), shape)


def read_csv(body: bytes, input_type: type[BaseModel]) -> list[dict[str, Any]]:
    """Read CSV into rows by column name; an empty cell is an absent value."""
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(f"The body is not CSV in UTF-8: {error}.") from error
    lines = [line for line in lines if line]
    columns = list(input_type.model_fields)
    if lines and sorted(lines[0]) == sorted(columns):
        columns, lines = lines[0], lines[1:]
        rows = [dict(zip_row(line, columns)) for line in lines]
    else:
        if lines and is_header(lines[0], input_type):
            lines = lines[1:]
        rows = [name_columns(line, input_type) for line in lines]
    return [{name: cell for name, cell in row.items() if cell != ""} for row in rows]


def is_header(line: list[str], input_type: type[BaseModel]) -> bool:
    """Say whether a line names the values of a list: words only, where the model takes none."""
    if not takes_whole_row(input_type) or not all(line) or any(map(is_number, line)):
        return False
    try:
        input_type.model_validate(name_columns(line, input_type))
    except ValidationError:
        return True
    return False


def is_number(cell: str) -> bool:
    """Say whether a cell holds a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def takes_whole_row(input_type: type[BaseModel]) -> bool:
    """Say whether the only field is a list."""
    fields = list(input_type.model_fields.values())
    return len(fields) == 1 and get_origin(fields[0].annotation) in {list, tuple}


def name_columns(row: list[Any], input_type: type[BaseModel]) -> dict[str, Any]:
    """Name the values of a row by position."""
    columns = list(input_type.model_fields)
    return {columns[0]: row} if takes_whole_row(input_type) else dict(zip_row(row, columns))


def zip_row(row: list[Any], columns: list[str]) -> list[tuple[str, Any]]:
    """Pair the values of a row with their columns."""
    if len(row) != len(columns):
        raise BadRequest(
            f"A row has {len(row)} values where {len(columns)} are expected: {', '.join(columns)}."
        )
    return list(zip(columns, row, strict=True))


def validate(rows: list[Any], input_type: type[BaseModel]) -> list[Any]:
    """Turn rows into the model's input type, or say which row and field are wrong."""
    if not rows:
        raise BadRequest("The request holds no rows.")
    try:
        return TypeAdapter(list[input_type]).validate_python(rows)  # type: ignore[valid-type]
    except ValidationError as error:
        faults = [describe(fault) for fault in error.errors(include_url=False)[:FAULTS_SHOWN]]
        more = error.error_count() - len(faults)
        raise BadRequest("; ".join(faults) + (f"; and {more} more" if more else "")) from error


def describe(fault: Any) -> str:
    """Say where a value is wrong, what is allowed and what was found."""
    row, *path = fault["loc"]
    where = f"row {row + 1}" + (f", {'.'.join(map(str, path))}" if path else "")
    found = "" if fault["type"] == "missing" else f", found {str(fault['input'])[:80]!r}"
    return f"{where}: {fault['msg']}{found}"
