"""The application that gunicorn's workers run, with its model loaded."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldock import ContainerError, Environment, ServingLifecycle
from mldock.errors import format_error
from mldock.imports import import_module
from mldock.logs import configure_logging
from mldock.serving.application import Application, Container, Readiness, Routes
from mldock.serving.messages import RequestError, respond
from mldock.serving.settings import read_settings

log = logging.getLogger("serve")


@dataclass(frozen=True)
class FailedModelApp:
    """Stands in for a model that cannot be loaded, until an edit fixes it."""

    reason: str
    readiness: Readiness
    container: ServingLifecycle

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        error = RequestError(503, f"The model cannot be loaded: {self.reason}.")
        await respond(send, error.response, [])

    def prepare(self, _after_batch: Any) -> None:
        self.readiness.announce()


def load(
    module: str,
    container: type[Container],
    routes: Routes,
    create_app: Callable[[Application[Container]], Any],
) -> Application[Container] | FailedModelApp:
    """Load the model and return the ASGI application that gunicorn serves.

    gunicorn calls this before it forks its workers, so that they share the model's memory; in each
    worker where the model has threads, which do not survive a fork.

    Args:
        module: The name of the module that has the class `Service`.
        container: The class whose `startup_worker` and `cleanup_worker` run in each worker.
        routes: The paths that are answered without Flask.
        create_app: Makes the Flask application for all other paths.

    Returns:
        The application; with `--reload`, one that answers with the reason if loading fails.

    Raises:
        SystemExit: The model cannot be loaded; the log has the reason.

    """
    configure_logging()
    environment = Environment()
    lifecycle = container(environment)
    settings = read_settings(os.environ)
    state = Path(os.environ["MLDOCK_SERVER_STATE"])
    readiness = Readiness(state, settings.workers)
    try:
        with start_limit(state, settings.start_timeout):
            service = load_service(module, lifecycle.model_dir)
            app = Application(service, settings, readiness, lifecycle, routes, create_app)
    except (Exception, SystemExit) as error:
        # Where each worker loads the model, the first tells the reason.
        if not (state / "failed").exists():
            # What is named in one line needs no traceback.
            trace = not isinstance(error, (ContainerError, OSError))
            log.error("the model cannot be served: %s", format_error(error), exc_info=trace)
        if settings.reload:
            return FailedModelApp(format_error(error), readiness, lifecycle)
        (state / "failed").touch()
        # gunicorn's code of a worker that cannot start: gunicorn then ends, too.
        raise SystemExit(3) from error
    # What is loaded stays: a worker that looked for garbage in it would get a copy of its own.
    gc.freeze()
    return app


def load_service(module: str, model_dir: Path) -> Any:
    """Return the model; raises ContainerError where there is none, or no library that it needs."""
    # Imported here, so that a mistake in the owner's code is reported like any other.
    service = import_module(module).Service()
    try:
        service.load(model_dir)
    except FileNotFoundError as error:
        raise ContainerError(
            f"there is no model in {model_dir}: {error.filename or error} does not exist. Train it "
            "first, or mount the one to serve."
        ) from error
    return service


@contextmanager
def start_limit(state: Path, seconds: float) -> Iterator[None]:
    """End this process where the block takes too long, and leave where it hung for the supervisor.

    Not by a thread of Python's: it would wait for a model that keeps the interpreter.
    """
    with (state / f"hung-{os.getpid()}").open("w") as file:
        faulthandler.dump_traceback_later(seconds, exit=True, file=file)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
