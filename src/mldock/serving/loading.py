"""The application that gunicorn's workers run, with its model loaded."""

from __future__ import annotations

import gc
import importlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mldock import ContainerError, Environment
from mldock.errors import format_error
from mldock.logs import configure_logging
from mldock.serving.application import Application, Container, Routes
from mldock.serving.readiness import Readiness
from mldock.serving.reload import Unavailable
from mldock.serving.settings import read_settings


def load(
    module: str,
    container: type[Container],
    routes: Routes,
    create_app: Callable[[Application[Container]], Any],
) -> Application[Container] | Unavailable:
    """Load the model and return the ASGI application that gunicorn serves.

    Args:
        module: The name of the module that has the class `Service`.
        container: The class whose `startup_worker` and `cleanup_worker` run in each worker.
        routes: The paths that are answered without Flask.
        create_app: Makes the Flask application for all other paths.

    Returns:
        The application; with `--reload`, where the model cannot be loaded, one that answers each
        request with the reason until an edit corrects it.

    Raises:
        SystemExit: The model cannot be loaded; the log has the reason.

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
            format_error(error),
            # A file that is not there needs no traceback.
            exc_info=not isinstance(error, (ContainerError, OSError)),
        )
        if not settings.reload:
            raise SystemExit(1) from error
        return Unavailable(format_error(error), readiness, lifecycle)
    # What is loaded stays: a worker that looked for garbage in it would get a copy of its own.
    gc.freeze()
    return app
