"""Whether every worker can predict: each leaves an empty file when it can."""

from __future__ import annotations

import os
from pathlib import Path


class Readiness:
    """What /ping says.

    Files, since they outlive neither the server nor the memory that workers share with nobody.
    """

    def __init__(self, directory: Path, workers: int) -> None:
        self.directory = directory
        self.workers = workers
        self.is_ready = False

    def announce(self) -> None:
        """Say that this worker can predict."""
        (self.directory / f"ready-{os.getpid()}").touch()

    def fault(self) -> str:
        """Return why the server is not ready yet, or nothing.

        A server that was ready stays so: a worker takes requests only when it can predict, so that
        one that is being replaced is no reason to send them elsewhere.
        """
        if not self.is_ready:
            ready = len(list(self.directory.glob("ready-*")))
            self.is_ready = ready >= self.workers
            if not self.is_ready:
                return f"{ready} of {self.workers} workers are ready. Try again in a moment."
        return ""
