"""The application that gunicorn's workers run, with its model loaded."""

from __future__ import annotations

import gc
import importlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mldock import ContainerError, Environment, ServingLifecycle
from mldock.errors import describe
from mldock.logs import configure_logging
from mldock.serving.application import Application, Routes
from mldock.serving.readiness import Readiness
from mldock.serving.reload import Unavailable
from mldock.serving.settings import read_settings


def load(
    module: str,
    container: type[ServingLifecycle],
    routes: Routes,
    create_app: Callable[[Application], Any],
) -> Application | Unavailable:
    """Return the application.

    Args:
        module: The module of the model, with a class `Service`.
        container: What prepares each worker.
        routes: What is answered without Flask, by path.
        create_app: Makes the Flask application for all other paths.

    Raises:
        SystemExit: The model cannot be loaded; the log says why. With `--reload` the server waits
            for an edit instead, and answers with the reason.

    """
    configure_logging()
    environment = Environment()
    lifecycle = container(environment)
    settings = read_settings(os.environ)
    readiness = Readiness(Path(os.environ["MLDOCK_SERVER_STATE"]), settings.workers)
    try:
        # Imported here, so that a mistake in the owner's code is reported like any other.
        service = importlib.import_module(module).Service()
        service.load(environment.model_dir)
        app = Application(service, settings, readiness, lifecycle, routes, create_app)
    except Exception as error:
        logging.getLogger("serve").error(
            "the model in %s cannot be served (%s). Train it first, or mount the one to serve.",
            environment.model_dir,
            describe(error),
            # A file that is not there needs no traceback.
            exc_info=not isinstance(error, (ContainerError, OSError)),
        )
        if not settings.reload:
            raise SystemExit(1) from error
        return Unavailable(describe(error), readiness, lifecycle)
    # What is loaded stays: a worker that looked for garbage in it would get a copy of its own.
    gc.freeze()
    return app
