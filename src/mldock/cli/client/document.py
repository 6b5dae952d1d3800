"""The OpenAPI document that the client is made from: what a typed client needs of the server's."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from mldock import ContainerError
from mldock.errors import describe
from mldock.serving.messages import JSON, JSON_LINES

Json = dict[str, Any]

REFERENCE = "#/components/schemas/"
REFERRED = re.compile(f'"{REFERENCE}([^"]+)"')
# Where the package has the functions: `from NAME_client.api.model import predict`.
TAGS = ["model"]


@dataclass(frozen=True)
class Model:
    """What a client has to know of a model.

    Attributes:
        document: One way to ask, as OpenAPI.
        row: The name of the schema of a row.
        answer: The name of the schema of an answer.
        streams: It takes one row, and answers with lines of JSON.

    """

    document: Json
    row: str
    answer: str
    streams: bool


def own_document() -> Json:
    """Return the document of the types in src/prediction.py; it needs no model and no server.

    Raises:
        ContainerError: The types cannot be read.

    """
    try:
        # Imported here, so that a mistake in the person's code is reported like any other.
        from mldock.serving.codecs import Decoder
        from mldock.serving.openapi.document import document

        import prediction

        service = prediction.Service()
        return document(service, list(Decoder(service, 0).readers))
    except Exception as error:
        raise ContainerError(
            f"src/prediction.py has no types to read: {describe(error)}. Correct it; "
            "nox -s test tells more."
        ) from error


def document_at(url: str) -> Json:
    """Return the document of a server.

    Raises:
        ContainerError: There is no server, or it shows no document.

    """
    place = f"{url.rstrip('/')}/openapi.json"
    try:
        with urllib.request.urlopen(place, timeout=30) as response:
            found: Json = json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            raise ContainerError(
                f"{place} answers with HTTP status {error.code}. A server of the stage prod shows "
                "no document: start it with MLDOCK_SERVER_DOCS=on, or leave out --url to take the "
                "types from src/prediction.py."
            ) from error
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise ContainerError(
            f"Nothing answers at {url} ({reason}). Start the server (nox -s serve), or leave out "
            "--url to take the types from src/prediction.py."
        ) from error
    except (HTTPException, ValueError) as error:
        raise ContainerError(
            f"{place} cannot be read: {error}. Give --url the address of the server, such as "
            "http://127.0.0.1:8080."
        ) from error
    return found


def read_model(document: Json) -> Model:
    """Return the model, with one way to ask it: a list of rows as JSON, answered by a list.

    The server takes a dozen other forms. The generator knows few of them, and a function that
    took them all would say nothing about any.

    Raises:
        ContainerError: The document is not that of a server of this kind.

    """
    try:
        paths, schemas = document["paths"], document["components"]["schemas"]
        predict, ping = paths["/invocations"]["post"], paths["/ping"]["get"]
        answers = predict["responses"]["200"]["content"]
        row, answer = line_of(predict["requestBody"]["content"]), line_of(answers)
        streams = JSON not in answers
        if streams:
            summary = "Ask the model: a row is answered by lines of JSON"
            asked: Json = row
            told: Json = {"text/plain": {"schema": {"type": "string"}}}
        else:
            summary = "Ask the model: each row is answered, in order"
            asked = {"type": "array", "items": row, "minItems": 1}
            told = {JSON: {"schema": {"type": "array", "items": answer}}}
        invocations = {
            "operationId": predict["operationId"],
            "summary": summary,
            "tags": TAGS,
            "parameters": predict["parameters"],
            "requestBody": {"required": True, "content": {JSON: {"schema": asked}}},
            # A refusal is raised by the client, whoever words it: the server or SageMaker.
            "responses": {"200": {"description": "The answers.", "content": told}},
        }
        health = {
            "operationId": ping["operationId"],
            "summary": ping["summary"],
            "tags": TAGS,
            "responses": {"200": ping["responses"]["200"]},
        }
        narrowed = {
            "openapi": document["openapi"],
            "info": document["info"],
            "paths": {"/invocations": {"post": invocations}, "/ping": {"get": health}},
            "components": {"schemas": reachable([row, answer], schemas)},
        }
        return Model(narrowed, name_of(row), name_of(answer), streams)
    except (KeyError, TypeError) as error:
        raise ContainerError(
            f"The document is not that of a model's server ({describe(error)}). Give --url the "
            "address of one that nox -s serve or the image has started."
        ) from error


def line_of(content: Json) -> Json:
    """Return the reference to what a line of JSON holds: one row, one answer."""
    reference: Json = content[JSON_LINES]["schema"]["contentSchema"]
    return reference


def name_of(reference: Json) -> str:
    """Return the name of the schema that is referred to."""
    return str(reference["$ref"]).removeprefix(REFERENCE)


def reachable(parts: list[Json], schemas: Json) -> Json:
    """Return the schemas that some parts refer to, and those that these refer to."""
    kept: Json = {}
    waiting = list(parts)
    while waiting:
        for name in REFERRED.findall(json.dumps(waiting.pop())):
            if name not in kept:
                kept[name] = schemas[name]
                waiting.append(schemas[name])
    return kept
