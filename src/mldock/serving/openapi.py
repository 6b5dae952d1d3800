"""The OpenAPI document of the server, in terms of the model's own types, with an example."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import orjson
from mldock.example import example
from mldock.serving.encoding import FORMATS, to_cells, write_csv
from mldock.serving.messages import CSV, ECHOED, JSON, JSON_LINES
from mldock.serving.service import BaseService, StreamService
from mldock.serving.validation import forbid_unknown_fields
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
BYTES: Json = {"type": "string", "format": "binary"}

FORMS = (
    "JSON may also be a single row, rows as lists, or rows in the forms of SageMaker and pandas; "
    "its answer has the form of the request. The header Accept chooses another type of answer. A "
    "body may be compressed with gzip."
)

# What each failure means, and how the server words it.
FAILURES = {
    "400": (
        "The body is not of its type, or holds no rows.",
        "The body is empty. Send at least one row.",
    ),
    "406": ("The client accepts none of the types.", "Accept: image/png is not supported."),
    "413": ("The body is larger than the server takes.", "The body is too large. Send fewer rows."),
    "415": ("The body has an unknown type.", "Content-Type text/plain is not supported."),
    "422": ("A row is not what the model expects.", "row 1, {field}: Field required"),
    "500": ("The model has failed; the log says why.", "The model failed: ValueError."),
    "503": ("The model is not ready or busy, or the server stops.", "The model is being loaded."),
    "504": (
        "The model has not answered in time.",
        "The prediction took too long. Send fewer rows, or raise MLDOCK_SERVER_TIMEOUT.",
    ),
}


class Error(BaseModel):
    """Why a request is not answered."""

    error: str = Field(description="What is wrong, where, and what to do about it.")


class ExecutionParameters(BaseModel):
    """What a batch transform job of SageMaker may ask of the server."""

    MaxConcurrentTransforms: int
    MaxPayloadInMB: int


def document(service: BaseService[Any, Any], content_types: Sequence[str]) -> Json:
    """Return the document of a model: its routes, with an example that is ready to be sent.

    Args:
        service: The model.
        content_types: What a request may be written in.

    """
    forbid_unknown_fields(service.input_type)
    types: list[tuple[type[BaseModel], Any]] = [
        (service.input_type, "validation"),
        (service.output_type, "serialization"),
        (ExecutionParameters, "serialization"),
        (Error, "serialization"),
    ]
    references, definitions = models_json_schema(types, ref_template="#/components/schemas/{model}")
    row, answer, parameters, error = (references[one] for one in types)
    schemas = definitions["$defs"]
    fields = schemas[row["$ref"].rpartition("/")[2]]["properties"]
    field = next(iter(fields), "field")
    failures = {
        status: {
            "description": meaning,
            "content": {JSON: {"schema": error, "example": {"error": words.format(field=field)}}},
        }
        for status, (meaning, words) in FAILURES.items()
    }
    invocations = {
        "operationId": "predict",
        "summary": "Ask the model",
        "description": FORMS,
        "parameters": [
            {"name": name, "in": "header", "schema": TEXT, "description": "Is sent back."}
            for name in ECHOED
        ],
        "requestBody": {
            "required": True,
            "content": requests(service, content_types, row, fields),
        },
        "responses": {
            "200": {"description": "The answer.", "content": answers(service, answer)},
            **failures,
        },
    }
    ping = {
        "operationId": "ping",
        "summary": "Return whether every worker can predict",
        "responses": {"200": {"description": "Yes."}, "503": failures["503"]},
    }
    limits = {"description": "The limits.", "content": {JSON: {"schema": parameters}}}
    execution_parameters = {
        "operationId": "executionParameters",
        "summary": "Return the limits of a batch transform job",
        "responses": {"200": limits},
    }
    title = (type(service).__doc__ or "").strip().partition("\n")[0].rstrip(".")
    # Where a generated client has its functions: `from iris_client.api.model import predict`.
    tags = {"tags": ["model"]}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": title or f"{service.input_type.__name__} to {service.output_type.__name__}",
            "description": inspect.getdoc(service.input_type) or "",
            "version": "1",
        },
        # Relative to the document, so that it holds behind any gateway.
        "servers": [{"url": "."}],
        "paths": {
            "/invocations": {"post": tags | invocations},
            "/ping": {"get": tags | ping},
            "/execution-parameters": {"get": tags | execution_parameters},
        },
        "components": {"schemas": schemas},
    }


def requests(
    service: BaseService[Any, Any], content_types: Sequence[str], row: Json, fields: Json
) -> Json:
    """Return the content types of a request.

    JSON has one documented form, although the server takes others too: a generated client gets
    one type for it.
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
    if cells:
        content[CSV]["example"] = write_csv([to_cells(cells)]).decode()
    return content


def lines_of(row: Json) -> Json:
    return {**TEXT, "description": "One a line.", "contentMediaType": JSON, "contentSchema": row}


def answers(service: BaseService[Any, Any], answer: Json) -> Json:
    if isinstance(service, StreamService):
        return {JSON_LINES: {"schema": lines_of(answer)}}
    schemas = {
        JSON: {"type": "array", "items": answer},
        JSON_LINES: lines_of(answer),
        CSV: TEXT,
    }
    return {kind: {"schema": schemas.get(kind, BYTES)} for kind in FORMATS}
