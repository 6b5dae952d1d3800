"""The HTTP interface: two routes for platforms and clients, and a Flask application for the rest.

Routes of your own go into the Flask application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldock.serving import Application, Routes, invocations, ping

if TYPE_CHECKING:
    from flask import Flask, Response

    from container.assets import ServingContainer

# Answered without Flask, which would take longer than most predictions. A path that is not here is
# answered by Flask: take "/ping" out and write `@app.get("/ping")` below for another answer.
ROUTES: Routes = {"/ping": ping, "/invocations": invocations}


def create_app(application: Application[ServingContainer]) -> Flask:
    """Return the Flask application; each worker makes one at the first request that needs it.

    `application` has the loaded model as `service`, and as `container` what `startup_worker` in
    assets.py has prepared.
    """
    # Not at the top: most servers never need Flask, and start faster without.
    from flask import Flask, jsonify
    from mldock.serving import add_json_errors, batch_limits, docs_blueprint

    app = Flask("predictor", static_folder=None)
    add_json_errors(app, application)

    @app.get("/execution-parameters")
    def execution_parameters() -> Response:
        """Tell SageMaker's batch transform how much to send at once."""
        return jsonify(batch_limits(application.settings))

    # MLDOCK_SERVER_DOCS, which is off at the stage `prod`.
    if application.settings.docs:
        # `/`, to try the model, and `/openapi.json`, for programs.
        app.register_blueprint(docs_blueprint(application))
    return app
