"""The Flask application: `/ping` and `/invocations`, SageMaker's hosting contract."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Flask, Response, request
from gevent.threadpool import ThreadPool
from werkzeug.exceptions import HTTPException, InternalServerError

from container.prediction.codecs import JSON, decode, encode
from container.prediction.service import ModelService

log = logging.getLogger(__name__)


def create_app(service: ModelService[Any, Any], max_body_bytes: int) -> Flask:
    """Return the application that answers with a loaded model."""
    app = Flask("predictor", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    predict = in_native_thread(service)

    @app.get("/ping")
    def ping() -> Response:
        """Say that the model is loaded: without it there would be no application."""
        return Response(status=200)

    @app.post("/invocations")
    def invocations() -> Response:
        """Answer the rows of the request."""
        body = decode(request.get_data(), request.mimetype, service.input_type)
        answers = predict(body.rows)
        if len(answers) != len(body.rows):
            fault = f"The model gave {len(answers)} answers to {len(body.rows)} rows."
            log.error(fault)
            raise InternalServerError(fault)
        content, content_type = encode(answers, body.shape, request.accept_mimetypes)
        return Response(content, content_type=content_type)

    @app.errorhandler(Exception)
    def error(exception: Exception) -> Response:
        """Answer every failure with JSON that says what is wrong."""
        if isinstance(exception, HTTPException):
            failure = exception
        else:
            log.error("the model failed", exc_info=exception)
            failure = InternalServerError(f"The model failed: {type(exception).__name__}.")
        headers = [header for header in failure.get_headers() if header[0] != "Content-Type"]
        body = orjson.dumps({"error": failure.description})
        return Response(body, status=failure.code, headers=headers, content_type=JSON)

    return app


def in_native_thread(service: ModelService[Any, Any]) -> Any:
    """Return `service.predict` that leaves the event loop free, so that `/ping` still answers.

    The thread is made at the first call, since threads do not survive gunicorn's fork; it is one,
    since not every model may be called twice at once.
    """
    pools: list[ThreadPool] = []

    def predict(rows: list[Any]) -> Any:
        if not pools:
            pools.append(ThreadPool(1))
        return pools[0].apply(service.predict, (rows,))

    return predict
