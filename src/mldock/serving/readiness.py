"""Whether every worker can predict: each leaves an empty file when it can."""

from __future__ import annotations

import os
from pathlib import Path


class Readiness:
    """What /ping answers.

    Files, since nginx can see them, and since workers share no memory. A server that was ready
    stays so: a worker takes requests only when it can predict, so that one that is being replaced
    is no reason to send them elsewhere.
    """

    def __init__(self, directory: Path, workers: int) -> None:
        self.directory = directory
        self.workers = workers
        self.is_ready = False

    def announce(self) -> None:
        """Note that this worker can predict; the last of them opens the server."""
        (self.directory / f"ready-{os.getpid()}").touch()
        if self._count() >= self.workers and not (self.directory / "draining").exists():
            (self.directory / "serving").touch()

    def fault(self) -> str:
        """Return why the server is not ready yet, or nothing."""
        self.is_ready = self.is_ready or (self.directory / "serving").exists()
        if self.is_ready:
            return ""
        return f"{self._count()} of {self.workers} workers are ready. Try again in a moment."

    def _count(self) -> int:
        return len(list(self.directory.glob("ready-*")))
