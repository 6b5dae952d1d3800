"""The process of the trainer: the person's code, and nothing of storage."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from types import FrameType

from mldock import ContainerError, Environment, StopRequested
from mldock.failure import report
from mldock.hyperparameters import read_hyperparameters
from mldock.imports import import_module
from mldock.logs import configure_logging
from mldock.metrics import note
from mldock.project import read_project
from mldock.report.origin import origin
from mldock.training.process import FAILED

log = logging.getLogger("train")


def main(module: str, line: socket.socket) -> int:
    """Run the trainer when the job says so, and return its exit code."""
    # Ctrl-C reaches the job, which then asks this process to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logging()
    environment = Environment()
    try:
        train(module, environment, line)
    except StopRequested:
        log.info("the trainer has stopped")
    except SystemExit as end:
        if end.code:
            told = f"the trainer called sys.exit({end.code!r}). Raise an error that says why."
            # What Python itself would print.
            if isinstance(end.code, str):
                told = end.code
            report(environment, ContainerError(told))
            return FAILED
    except Exception as error:
        report(environment, error)
        return FAILED
    return 0


def train(module: str, environment: Environment, line: socket.socket) -> None:
    """Call the trainer, with the inputs in place."""
    trainer = import_module(module)

    # A wrong one is told now, not after an hour of downloads.
    project = read_project()
    hyperparameters = read_hyperparameters(trainer.Hyperparameters, environment, project)
    log.info("hyperparameters: %s", hyperparameters.model_dump_json())
    line.sendall(b".")
    variables = line.makefile("rb").read()
    # The job has ended without a word to begin.
    if not variables:
        return
    os.environ.update(json.loads(variables))
    signal.signal(signal.SIGTERM, request_stop)
    told = hyperparameters.model_dump(mode="json")
    note({**origin(project), "stage": environment.stage, "hyperparameters": told})
    trainer.train(environment, hyperparameters)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    log.info("model: %s, output: %s", environment.model_dir, environment.output_data_dir)


def request_stop(_signal: int, _frame: FrameType | None) -> None:
    """Stop the trainer where it is, once."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise StopRequested


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], socket.socket(fileno=int(sys.argv[2]))))
