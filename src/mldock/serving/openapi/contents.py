"""What the OpenAPI document says of bodies: their content types, schemas and examples."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import orjson
from mldock.serving.codecs.answers import FORMATS
from mldock.serving.messages import CSV, JSON, JSON_LINES
from mldock.serving.openapi.examples import example
from mldock.serving.service import BaseService, StreamService

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
BYTES: Json = {"type": "string", "format": "binary"}


def requests(
    service: BaseService[Any, Any], content_types: Sequence[str], row: Json, fields: Json
) -> Json:
    """Return the content types of a request.

    JSON has one documented form, although the server takes others too: a generated client gets
    one type for it.

    Args:
        service: The model.
        content_types: What a request may be written in.
        row: A reference to the schema of a row.
        fields: The schemas of its fields.

    """
    values = example(service.input_type)
    rows = {"type": "array", "items": row, "minItems": 1}
    content: Json = {kind: {"schema": BYTES} for kind in content_types}
    content |= {
        JSON: {"schema": rows, "example": [values]},
        JSON_LINES: {"schema": lines_of(row), "example": orjson.dumps(values).decode() + "\n"},
        CSV: {"schema": TEXT},
    }
    if isinstance(service, StreamService):
        content[JSON] = {"schema": row, "example": values}
    cells = list(values.values())
    if len(fields) == 1 and next(iter(fields.values())).get("type") == "array":
        # A row that is one list has a column for each of its values.
        cells = cells[0]
    if not any(isinstance(cell, dict | list) for cell in cells):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        content[CSV]["example"] = line.getvalue()
    return content


def lines_of(row: Json) -> Json:
    """Return the schema of text that has a row a line."""
    return {**TEXT, "description": "One a line.", "contentMediaType": JSON, "contentSchema": row}


def answers(service: BaseService[Any, Any], answer: Json) -> Json:
    """Return the content types of an answer."""
    if isinstance(service, StreamService):
        return {JSON_LINES: {"schema": lines_of(answer)}}
    schemas = {
        JSON: {"type": "array", "items": answer},
        JSON_LINES: lines_of(answer),
        CSV: TEXT,
    }
    return {kind: {"schema": schemas.get(kind, BYTES)} for kind in FORMATS}
