"""What all processes of a test run share: a folder, and whatever only one of them makes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


class SharedFolder:
    """The folder of a test run, on the file system of the tests' own folders."""

    @cached_property
    def path(self) -> Path:
        """The folder; that of a benchmark, which is no test run, goes with its process."""
        self._temporary = TemporaryDirectory()
        return Path(self._temporary.name)

    def open(self, factory: pytest.TempPathFactory) -> None:
        """Begin a test run, or join the one that another process of pytest-xdist has begun."""
        base = factory.getbasetemp()
        self.path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
        self.path.mkdir(exist_ok=True)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Wait until no other process of the run holds the lock of that name."""
        with (self.path / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def once(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return a folder that the first process to ask for it fills by `make`."""
        folder, done = self.path / name, self.path / f"{name}.done"
        with self.lock(name):
            if not done.exists():
                folder.mkdir()
                make(folder)
                done.touch()
        return folder


SHARED = SharedFolder()
