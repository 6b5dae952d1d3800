"""What Flask answers: the page to try the model, the OpenAPI document, and errors as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request, send_from_directory
from mldock.serving.application import Application
from mldock.serving.openapi import document
from mldock.serving.settings import ServerSettings
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

PAGE = Path(__file__).with_name("page")
# Nothing from elsewhere, and no script but the page's own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)

# SageMaker's bound for the payloads of all transforms that run at once.
BATCH_MB = 100


def docs_blueprint(application: Application[Any]) -> Blueprint:
    """Return a Flask blueprint of two routes: `/`, to try the model, and `/openapi.json`."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def page() -> Response:
        response = send_from_directory(PAGE, "index.html")
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @pages.get("/page/<name>")
    def asset(name: str) -> Response:
        return send_from_directory(PAGE, name)

    @pages.get("/openapi.json")
    def openapi() -> Response:
        try:
            return jsonify(document(application.service, list(application.decoder.readers)))
        except ValueError as error:
            raise InternalServerError(str(error)) from error

    return pages


def batch_limits(settings: ServerSettings) -> dict[str, int]:
    """Return what SageMaker's batch transform may send at once: requests, and MiB of each.

    Without `BatchStrategy`, whose default is several records a request: SageMaker writes
    MULTI_RECORD here, and its SDK's local mode fails on that.
    """
    payload = min(settings.max_body_mb, 6)
    concurrent = min(settings.workers, BATCH_MB // payload)
    return {"MaxConcurrentTransforms": concurrent, "MaxPayloadInMB": payload}


def add_json_errors(app: Flask, application: Application[Any]) -> None:
    """Make a Flask application answer each HTTP error with JSON: `{"error": "the reason"}`."""
    # The page shows the fields in the order in which they are declared.
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.errorhandler(404)
    def not_found(exception: HTTPException) -> tuple[Response, int]:
        # One that a route of the owner's raises has its own reason.
        if exception.description != NotFound.description:
            return jsonify(error=exception.description), 404
        paths = {*application.routes, *(str(rule) for rule in app.url_map.iter_rules())}
        known = ", ".join(sorted(path for path in paths if "<" not in path))
        return jsonify(
            error=f"There is no {request.environ['PATH_INFO']} here. The paths are {known}."
        ), 404

    @app.errorhandler(HTTPException)
    def error(exception: HTTPException) -> Response:
        response = jsonify(error=exception.description)
        response.status_code = exception.code or 500
        # With status 405, HTTP asks for the methods there are.
        response.headers.extend(pair for pair in exception.get_headers() if pair[0] == "Allow")
        return response
