"""A server as the operating system sees it: a tree of processes, its CPU time and its memory."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_LIMIT = 60.0
STOP_LIMIT = 15.0
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A running server.

    Attributes:
        process: The process that was started; the others are its descendants.
        log: The file with all that they print.
        started: When it was started, by the monotonic clock.

    """

    def __init__(self, command: Sequence[str], variables: Mapping[str, str], folder: Path) -> None:
        self.log = folder / "server.log"
        self.started = time.monotonic()
        with self.log.open("wb") as log:
            # A group of its own, so that a signal to it reaches nobody else.
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, ask: Callable[[], object]) -> float:
        """Return the seconds from the start until an answer came.

        Raises:
            RuntimeError: It ended before, or took too long; with what was the last to be said.

        """
        while True:
            try:
                ask()
                return time.monotonic() - self.started
            except OSError as error:
                failure = error
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended with {self.process.returncode}: {self.last_lines()}")
            if time.monotonic() - self.started > START_LIMIT:
                raise RuntimeError(
                    f"{self.last_lines()}\nno answer within {START_LIMIT:.0f} s: {failure}"
                )
            time.sleep(0.01)

    def last_lines(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text("utf-8", errors="replace")[-1500:].strip() or "it printed nothing"

    def cpu_seconds(self) -> float:
        """Return how long its processes kept a core busy, those that have ended included."""
        return sum(cpu_ticks(pid) for pid in tree(self.process.pid)) / TICKS

    def memory(self) -> int:
        """Return the bytes that its processes hold; a page that they share counts once (PSS)."""
        return sum(pss(pid) for pid in tree(self.process.pid))

    def stop(self) -> None:
        """End all of its processes, those in sessions of their own too."""
        born = {pid: birth(pid) for pid in tree(self.process.pid)}
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_LIMIT)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pid, moment in born.items():
            # The number may meanwhile be another's.
            if moment and birth(pid) == moment:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@contextmanager
def running(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Run a server for as long as the block lasts."""
    server = Server(command, variables, folder)
    try:
        yield server
    finally:
        server.stop()


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    pids = [pid]
    # Any thread may have started a process.
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in path.read_text().split():
                pids += tree(int(child))
    return pids


def stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on; none when it has ended."""
    try:
        # The second is the name, in brackets, which may hold blanks and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_ticks(pid: int) -> int:
    """Return utime, stime, and both of the children that it has waited for."""
    return sum(int(field) for field in stat(pid)[11:15])


def birth(pid: int) -> str:
    """Return when a process was started; empty when it has ended."""
    return next(iter(stat(pid)[19:20]), "")


def pss(pid: int) -> int:
    """Return the proportional share of the memory of a process, in bytes."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
