"""The module that gunicorn imports, once, before it forks its workers."""

from __future__ import annotations

import logging
import os

from container.assets import ServingContainer
from container.lifecycle import ContainerError, Environment
from container.lifecycle.errors import describe
from container.lifecycle.logs import configure_logging
from container.prediction.predictor import create_app
from container.prediction.settings import read_settings

configure_logging()
environment = Environment()
container = ServingContainer(environment)
try:
    # Imported here, so that a mistake in the person's code is reported like any other.
    import prediction

    service = prediction.Service()
    service.load(environment.model_dir)
except Exception as error:
    logging.getLogger("serve").error(
        "the model in %s cannot be served (%s). Train it first, or mount the one to serve.",
        environment.model_dir,
        describe(error),
        # A file that is not there needs no traceback.
        exc_info=not isinstance(error, (ContainerError, OSError)),
    )
    raise SystemExit(1) from error

app = create_app(service, read_settings(os.environ).max_body_mb * 2**20)
