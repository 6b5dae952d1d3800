"""The Flask application: the page, the OpenAPI document, and the limits of batch transform."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated

import pytest
from flask.testing import FlaskClient
from pydantic import AfterValidator, BaseModel, create_model

from container.prediction.codecs import Decoder
from container.prediction.predictor import PAGE, create_app
from container.prediction.settings import ServerSettings, read_settings
from tests.runtime.rows import LIMIT, Point, Rows

SETTINGS = read_settings({})
JSON = "application/json"


def client(settings: ServerSettings = SETTINGS, row_type: type[BaseModel] = Point) -> FlaskClient:
    """Return a client of the application."""
    service = Rows(row_type)
    return create_app(service, Decoder(service, LIMIT), settings).test_client()


@pytest.mark.parametrize(
    ("workers", "max_body_mb", "answer"),
    [
        (4, 100, {"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 6}),
        (64, 100, {"MaxConcurrentTransforms": 16, "MaxPayloadInMB": 6}),
        (64, 2, {"MaxConcurrentTransforms": 50, "MaxPayloadInMB": 2}),
    ],
)
def test_execution_parameters(workers: int, max_body_mb: int, answer: dict[str, int]) -> None:
    """A request for each worker, and no more at once than SageMaker allows."""
    settings = replace(SETTINGS, workers=workers, max_body_mb=max_body_mb)

    response = client(settings).get("/execution-parameters")

    assert (response.status_code, response.content_type) == (200, JSON)
    assert response.json == answer


@pytest.mark.parametrize(("docs", "status"), [(True, 200), (False, 404)])
def test_page_and_document(docs: bool, status: int) -> None:
    """They are there unless they are switched off, with all that the page needs."""
    asking = client(replace(SETTINGS, docs=docs))
    paths = ["/", "/openapi.json", *(f"/page/{path.name}" for path in PAGE.iterdir())]

    responses = {path: asking.get(path) for path in paths}

    assert {response.status_code for response in responses.values()} == {status}
    if docs:
        policy = responses["/"].headers["Content-Security-Policy"]
        assert "default-src" in policy
        assert "http" not in policy
        assert json.loads(responses["/openapi.json"].data)["openapi"].startswith("3.1")
    for response in responses.values():
        response.close()


@pytest.mark.parametrize("path", ["/page/nothing.js", "/page/../predictor.py"])
def test_other_paths(path: str) -> None:
    """What is not there is refused, in JSON."""
    response = client().get(path)

    assert (response.status_code, response.content_type) == (404, JSON)
    assert list(response.json or ()) == ["error"]


def refuse(_value: int) -> int:
    """Refuse what any schema lets pass."""
    raise ValueError("no")


def test_type_without_an_example() -> None:
    """The document says why it is not there; all else goes on."""
    asking = client(row_type=create_model("Odd", value=Annotated[int, AfterValidator(refuse)]))

    response = asking.get("/openapi.json")

    assert (response.status_code, response.content_type) == (500, JSON)
    assert response.json
    assert "Field(examples=[...])" in response.json["error"]
    assert asking.get("/execution-parameters").status_code == 200
