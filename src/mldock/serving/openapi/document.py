"""The OpenAPI document of the server: what it answers, in terms of the model's own types."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from mldock.serving.messages import JSON
from mldock.serving.openapi.contents import TEXT, Json, answers, requests
from mldock.serving.service import BaseService
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

ECHOED = (
    "X-Request-Id",
    "X-Amzn-SageMaker-Custom-Attributes",
    "X-Amzn-SageMaker-Inference-Id",
)

# Where a generated client has its functions: `from iris_client.api.model import predict`.
TAGS = ["model"]

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
    "503": ("The model is not ready, or the server stops.", "The model is still being loaded."),
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
    row, answer, parameters, error, schemas = schemas_of(service)
    fields = schemas[name_of(row)]["properties"]
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
        "tags": TAGS,
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
        "responses": {"200": found(answers(service, answer)), **failures},
    }
    ping = {
        "operationId": "ping",
        "tags": TAGS,
        "summary": "Say whether every worker can predict",
        "responses": {"200": {"description": "Yes."}, "503": failures["503"]},
    }
    execution_parameters = {
        "operationId": "executionParameters",
        "tags": TAGS,
        "summary": "Tell a batch transform job its limits",
        "responses": {"200": found({JSON: {"schema": parameters}})},
    }
    return {
        "openapi": "3.1.1",
        "info": {
            "title": title(service),
            "description": inspect.getdoc(service.input_type) or "",
            "version": "1",
        },
        # Relative to the document, so that it holds behind any gateway.
        "servers": [{"url": "."}],
        "paths": {
            "/invocations": {"post": invocations},
            "/ping": {"get": ping},
            "/execution-parameters": {"get": execution_parameters},
        },
        "components": {"schemas": schemas},
    }


def schemas_of(service: BaseService[Any, Any]) -> tuple[Json, Json, Json, Json, Json]:
    """Return references to the types of row, answer, limits and error, and all schemas."""
    types: list[tuple[type[BaseModel], Any]] = [
        (service.input_type, "validation"),
        (service.output_type, "serialization"),
        (ExecutionParameters, "serialization"),
        (Error, "serialization"),
    ]
    references, definitions = models_json_schema(types, ref_template="#/components/schemas/{model}")
    row, answer, parameters, error = (references[one] for one in types)
    return row, answer, parameters, error, definitions["$defs"]


def name_of(reference: Json) -> str:
    """Return the name of the schema that is referred to."""
    return str(reference["$ref"]).rpartition("/")[2]


def title(service: BaseService[Any, Any]) -> str:
    """Return what the person says of the model in its first line."""
    text = (type(service).__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return text or f"{service.input_type.__name__} to {service.output_type.__name__}"


def found(content: Json) -> Json:
    """Return the response of a request that is answered."""
    return {"description": "The answer.", "content": content}
