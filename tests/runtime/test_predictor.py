"""The Flask application: the page, the OpenAPI document, and the limits of batch transform."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from container.prediction.codecs import Decoder
from container.prediction.predictor import create_app
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
