"""The process of the trainer, as the process of the job sees it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from mldock.errors import ContainerError
from mldock.training import tree

# The exit code of a trainer whose failure is reported.
FAILED = 3

# What it says when it could train; then follows its exit code, as soon as that is known.
READY = b"."

# How much of MLDOCK_STOP_GRACE the trainer has; the rest is for saving.
STOP_SHARE = 2 / 3

# In seconds: how long threads and processes may live on after `train` has returned.
EXIT_TIMEOUT = ("MLDOCK_EXIT_TIMEOUT", 300)


class TrainerFailedError(Exception):
    """The trainer has failed, and its reason is told already."""


class TrainerProcess:
    """A process that has read its hyperparameters, and trains when it is told to.

    Args:
        module: The name of the module that has `Hyperparameters` and `train`.
        exit_timeout: How many seconds it may live on after `train` has returned.
        locks: Files that it keeps open, should this process be killed.

    """

    def __init__(self, module: str, exit_timeout: float, locks: Collection[int] = ()) -> None:
        self.exit_timeout, self.deadline = exit_timeout, 0.0
        self.result: int | None = None
        self.line, theirs = socket.socketpair()
        files = [theirs.fileno(), *locks]
        command = [sys.executable, "-m", "mldock.training.script", module, *map(str, files)]
        with theirs:
            # Its session has all that it starts, so that nothing of it is left at the end.
            self.process = subprocess.Popen(command, pass_fds=files, start_new_session=True)

    def is_ready(self) -> bool:
        """Wait until it could train; False when it has failed and said why."""
        told = self.line.recv(1)
        if told and told != READY:
            self.take(told)
        return told == READY

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
            if self.read_result() is not None and time.monotonic() > self.deadline:
                break
            time.sleep(interval)
        self.check()

    def stop(self, seconds: float) -> bool:
        """Ask it to stop, and return whether `train` had returned before.

        Raises:
            Exception: As `check` does, or it did not stop in time.

        """
        has_completed = self.read_result() == 0
        self.process.terminate()
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.process.poll() is None and self.read_result() is None:
            alive = tree.describe(tree.find_children(self.process.pid))
            waits = f" while these are alive: {', '.join(alive)}" if alive else ""
            raise ContainerError(
                f"the trainer did not stop within {seconds:.0f} s of SIGTERM, two thirds of "
                f"MLDOCK_STOP_GRACE{waits}. Let StopRequested end it."
            )
        # One that has not begun has nothing to tell.
        if self.process.poll() != -signal.SIGTERM:
            self.check()
        return has_completed

    def read_result(self) -> int | None:
        """Return the exit code that it will have, as soon as it is known."""
        if self.result is None:
            with suppress(OSError):
                if told := self.line.recv(1, socket.MSG_DONTWAIT):
                    self.take(told)
        return self.result

    def take(self, told: bytes) -> None:
        """Keep the exit code that it will have; what it leaves alive has some time from now on."""
        self.result = told[0]
        self.deadline = time.monotonic() + self.exit_timeout

    def check(self) -> None:
        """Look how it has ended.

        Raises:
            TrainerFailedError: It failed.
            ContainerError: It was killed, or ended without saying why.

        """
        code = self.process.poll()
        if code is None:
            code = self.result
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

    def end(self, patience: float) -> None:
        """Leave nothing of it, nor of what it has started; SIGKILL comes after some seconds."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.line.close()
        tree.end_session(self.process.pid, patience)
