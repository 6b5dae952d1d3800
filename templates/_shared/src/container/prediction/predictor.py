"""The Flask application: all that is not asked a thousand times a second.

The page at `/`, the OpenAPI document, `/execution-parameters`, and what to say of other paths.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, send_from_directory
from werkzeug.exceptions import HTTPException, InternalServerError

from mldock.serving.codecs import Decoder
from mldock.serving.openapi.document import document
from mldock.serving.service import BaseService
from mldock.serving.settings import ServerSettings

PAGE = Path(__file__).with_name("page")
# Nothing from elsewhere, and no script but the page's own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)

# SageMaker's bound for the payloads of all transforms that run at once.
BATCH_MB = 100


def create_app(service: BaseService[Any, Any], decoder: Decoder, settings: ServerSettings) -> Flask:
    """Return the application."""
    app = Flask("predictor", static_folder=None)
    # The page shows the fields in the order that the person gave them.
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.get("/execution-parameters")
    def execution_parameters() -> Response:
        """Tell batch transform how much to send at once.

        Without `BatchStrategy`, whose default is several records a request: SageMaker writes
        MULTI_RECORD here, and its SDK's local mode fails on that.
        """
        payload = min(settings.max_body_mb, 6)
        concurrent = min(settings.workers, BATCH_MB // payload)
        return jsonify(MaxConcurrentTransforms=concurrent, MaxPayloadInMB=payload)

    if settings.docs:

        @app.get("/")
        def page() -> Response:
            """Let a person try the model."""
            response = send_from_directory(PAGE, "index.html")
            response.headers["Content-Security-Policy"] = POLICY
            return response

        @app.get("/page/<name>")
        def asset(name: str) -> Response:
            """Return a file of the page."""
            return send_from_directory(PAGE, name)

        @app.get("/openapi.json")
        def openapi() -> Response:
            """Describe the server to programs."""
            try:
                return jsonify(document(service, list(decoder.readers)))
            except ValueError as error:
                raise InternalServerError(str(error)) from error

    @app.errorhandler(HTTPException)
    def error(exception: HTTPException) -> Response:
        """Answer every failure with JSON that says what is wrong."""
        response = jsonify(error=exception.description)
        response.status_code = exception.code or 500
        # With status 405, HTTP asks for the methods there are.
        response.headers.extend(pair for pair in exception.get_headers() if pair[0] == "Allow")
        return response

    return app
