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
    service: BaseService[Any, Any], content_types: Sequence[str], row: Json, row_schema: Json
) -> Json:
    """Return the content types of a request; `row` refers to the schema of a row."""
    values = example(service.input_type)
    fields = row_schema["properties"]
    listed, cells = by_position(fields, values)
    rows = {"type": "array", "items": {"anyOf": [row, listed]}, "minItems": 1}
    shapes: dict[str, tuple[Json, Any]] = {"one row": (row, values)}
    if not isinstance(service, StreamService):
        shapes["rows"] = (rows, [values, cells])
        for name in ("instances", "inputs", "dataframe_records"):
            shapes[name] = (having(**{name: rows}), {name: [values]})
    if not isinstance(service, StreamService) and listed.get("prefixItems"):
        # The order of the columns is free, but no schema can say that the values follow it.
        split = having(columns={"const": list(fields)}, data={**rows, "items": listed})
        # pandas writes an index too, which nobody needs.
        split["properties"]["index"] = {"type": "array"}
        table = {"columns": list(fields), "data": [cells]}
        shapes |= {
            "pandas": (split, table),
            "dataframe_split": (having(dataframe_split=split), {"dataframe_split": table}),
        }
    content: Json = {kind: {"schema": BYTES} for kind in content_types}
    content |= {
        JSON: {
            "schema": {"anyOf": [schema for schema, _ in shapes.values()]},
            "examples": {name: {"value": value} for name, (_, value) in shapes.items()},
        },
        JSON_LINES: {"schema": lines_of(row), "example": orjson.dumps(values).decode() + "\n"},
        CSV: {"schema": TEXT},
    }
    if not any(isinstance(cell, dict | list) for cell in cells):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        content[CSV]["example"] = line.getvalue()
    return content


def by_position(fields: Json, values: Json) -> tuple[Json, list[Any]]:
    """Return the schema of a row as a list of values, and an example of one."""
    schemas, cells = list(fields.values()), list(values.values())
    if len(schemas) == 1 and schemas[0].get("type") == "array":
        return schemas[0], cells[0]
    count = len(schemas)
    array = {"type": "array", "prefixItems": schemas, "minItems": count, "maxItems": count}
    return array, cells


def having(**fields: Json) -> Json:
    """Return the schema of an object that has these fields, and no other."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def lines_of(row: Json) -> Json:
    """Return the schema of text that has a row a line."""
    return {**TEXT, "description": "One a line.", "contentMediaType": JSON, "contentSchema": row}


def answers(service: BaseService[Any, Any], answer: Json) -> Json:
    """Return the content types of an answer."""
    if isinstance(service, StreamService):
        return {JSON_LINES: {"schema": lines_of(answer)}}
    rows = {"type": "array", "items": answer}
    schemas = {
        JSON: {"anyOf": [answer, rows, having(predictions=rows)]},
        JSON_LINES: lines_of(answer),
        CSV: TEXT,
    }
    return {kind: {"schema": schemas.get(kind, BYTES)} for kind in FORMATS}
