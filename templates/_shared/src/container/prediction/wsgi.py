"""The module that gunicorn imports, once, before it forks its workers."""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path

from container.assets import ServingContainer
from mldock import ContainerError, Environment
from mldock.errors import describe
from mldock.logs import configure_logging
from mldock.serving.application import Application
from mldock.serving.readiness import Readiness
from mldock.serving.reload import Unavailable
from mldock.serving.settings import read_settings

configure_logging()
environment = Environment()
container = ServingContainer(environment)
settings = read_settings(os.environ)
readiness = Readiness(Path(os.environ["MLDOCK_SERVER_STATE"]), settings.workers)
try:
    # Imported here, so that a mistake in the person's code is reported like any other.
    import prediction

    service = prediction.Service()
    service.load(environment.model_dir)
    app: Application | Unavailable = Application(service, settings, readiness)
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
    app = Unavailable(describe(error), readiness)
# What is loaded stays: a worker that looked for garbage in it would get a copy of its own.
gc.freeze()
