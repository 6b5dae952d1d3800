"""The process of the trainer, as the process of the job sees it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from mldock.errors import ContainerError

# The exit code of a trainer whose failure is reported.
FAILED = 3


class TrainerFailedError(Exception):
    """The trainer has failed, and its reason is told already."""


class TrainerProcess:
    """A process that has read its hyperparameters, and trains when it is told to."""

    def __init__(self, module: str) -> None:
        self.line, theirs = socket.socketpair()
        command = [sys.executable, "-m", "mldock.training.script", module, str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()])

    def is_ready(self) -> bool:
        """Wait until it could train; False when it has failed and said why."""
        return bool(self.line.recv(1))

    def begin(self) -> None:
        """Let it train, with the environment variables that there are now."""
        # One that has died in the meantime is told of by `check`.
        with suppress(OSError):
            self.line.sendall(json.dumps(dict(os.environ)).encode())
            self.line.shutdown(socket.SHUT_WR)

    def wait(self, interval: float, meanwhile: Callable[[], None]) -> None:
        """Wait for its end, and look around meanwhile; raises as `check` does."""
        while self.process.poll() is None:
            meanwhile()
            time.sleep(interval)
        self.check()

    def stop(self, seconds: float) -> None:
        """Ask it to stop; raises as `check` does, and when it has not done so in time."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ContainerError(
                f"the trainer did not stop within {seconds:.0f} s of SIGTERM, two thirds of "
                "MLDOCK_STOP_GRACE. Let StopRequested end its loop."
            ) from None
        # One that has not begun has nothing to tell.
        if self.process.returncode != -signal.SIGTERM:
            self.check()

    def check(self) -> None:
        """Look how it has ended.

        Raises:
            TrainerFailedError: It failed.
            ContainerError: It was killed, or ended without saying why.

        """
        code = self.process.returncode
        if code == FAILED:
            raise TrainerFailedError
        if code == -signal.SIGKILL:
            raise ContainerError(
                "the trainer was killed by SIGKILL, as happens where memory runs out. "
                "Give the container more memory, or hold less at once."
            )
        if code:
            end = (
                f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
            )
            raise ContainerError(f"the trainer {end}. Its last words are in the log.")

    def end(self) -> None:
        """Leave nothing of it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.line.close()
