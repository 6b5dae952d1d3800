"""The process of the trainer: the person's code, and nothing of storage."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType

from mldock import ContainerError, Environment, StopRequested
from mldock.failure import report
from mldock.hyperparameters import read_hyperparameters
from mldock.imports import import_module
from mldock.logs import configure_logging, outlive_terminal
from mldock.metrics import note
from mldock.project import read_project
from mldock.report.origin import origin
from mldock.training import remains
from mldock.training.process import EXIT_TIMEOUT, FAILED, READY, STOP_SHARE
from mldock.variables import float_from_env

log = logging.getLogger("train")


def main(module: str, line: socket.socket) -> int:
    """Run the trainer when the job says so, and return its exit code."""
    # Ctrl-C reaches the job, which then asks this process to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    outlive_terminal()
    configure_logging()
    environment = Environment()
    limit = float_from_env(environment.variables, *EXIT_TIMEOUT)
    code = 0
    try:
        code = run(module, environment, line)
        remains.watch_return(limit)
    except StopRequested:
        log.info("the trainer has stopped")
    # It counts, though a thread or a child may keep this process alive.
    with suppress(OSError):
        line.sendall(bytes([code]))
    return code


def run(module: str, environment: Environment, line: socket.socket) -> int:
    """Call the trainer and return the exit code; a failure is reported."""
    try:
        train(module, environment, line)
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
    values = json.dumps(hyperparameters.model_dump(mode="json"))
    # JSON has no infinity and no NaN: the texts "inf" and "nan" in their place.
    told = json.loads(values, parse_constant=lambda word: str(float(word)))
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    log.info("hyperparameters: %s", text)
    line.sendall(READY)
    variables = line.makefile("rb").read()
    # The job has ended without a word to begin.
    if not variables:
        return
    os.environ.update(json.loads(variables))
    limit = environment.stop_grace * STOP_SHARE

    def request_stop(_signal: int, _frame: FrameType | None) -> None:
        """Stop the trainer where it is, once."""
        signal.signal(signal.SIGTERM, ignore)
        remains.watch_stop(limit)
        raise StopRequested

    def leave_to_parent() -> None:
        """Let a child that was forked end at SIGTERM: there is no job that it could tell."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        line.close()

    signal.signal(signal.SIGTERM, request_stop)
    os.register_at_fork(after_in_child=leave_to_parent)
    note({**origin(project), "stage": environment.stage, "hyperparameters": told})
    trainer.train(environment, hyperparameters)
    signal.signal(signal.SIGTERM, ignore)


def ignore(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: SIG_IGN would be inherited by the programs that the trainer starts."""


if __name__ == "__main__":
    # A program that outlives this process must not keep them open.
    for file in sys.argv[2:]:
        os.set_inheritable(int(file), False)
    with socket.socket(fileno=int(sys.argv[2])) as to_job:
        sys.exit(main(sys.argv[1], to_job))
