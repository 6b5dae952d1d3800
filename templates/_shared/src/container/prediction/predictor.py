"""The HTTP interface: two routes for platforms and clients, and a Flask application for the rest.

Routes of your own go into the Flask application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldock.serving.application import Application, Routes, invocations, ping

if TYPE_CHECKING:
    from flask import Flask, Response

# Answered without Flask, which would take longer than most predictions.
ROUTES: Routes = {"/ping": ping, "/invocations": invocations}


def create_app(application: Application) -> Flask:
    """Return the Flask application; it is made for the first request that is neither of the two."""
    from flask import Flask, jsonify
    from mldock.serving.pages import add_json_errors, batch_limits, pages

    app = Flask("predictor", static_folder=None)
    add_json_errors(app)

    @app.get("/execution-parameters")
    def execution_parameters() -> Response:
        """Tell SageMaker's batch transform how much to send at once."""
        return jsonify(batch_limits(application.settings))

    if application.settings.docs:
        # `/`, to try the model, and `/openapi.json`, for programs.
        app.register_blueprint(pages(application))
    return app
