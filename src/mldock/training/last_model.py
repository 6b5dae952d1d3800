"""The last good model: aside while a run makes another one, and back unless that is a success.

So a trainer writes to the paths that it will have, which models and links may repeat, and a server
that starts in the meantime has the last one.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import IO

from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.lifecycle import LAST, RUN, Outcome, packed_of, read_run
from mldock.stores import is_partial

log = logging.getLogger("train")


class LastModel:
    """What is in the directory of the model when a run begins.

    It is inside of that directory, which may be a disk of its own: there a rename suffices.

    Args:
        directory: The directory of the model, of this host alone or of the first one.

    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.last = directory / LAST
        # Together with what is beside it, it is the last model.
        self.moving = directory / ".moving.partial"
        # Of it, what others have put there is still to be moved back.
        self.replaced = directory / ".replaced.partial"
        self.is_aside = False
        self.fetched = set[str]()
        self.lock_file: IO[str] | None = None
        self.began_at = float("inf")

    def lock(self) -> None:
        """Keep other runs away until `unlock`.

        Raises:
            ContainerError: Another run has the directory.

        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            file = (self.directory / ".lock.partial").open("a")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.lock_file = file
        except BlockingIOError:
            told = f"another run is training into {self.directory}. Wait for its end."
            raise ContainerError(told) from None
        # Read-only, or a file system without locks.
        except OSError as error:
            log.debug("%s cannot be locked: %s", self.directory, error)

    def unlock(self) -> None:
        """Let other runs begin."""
        if self.lock_file:
            Path(self.lock_file.name).unlink(missing_ok=True)
            self.lock_file.close()

    def set_aside(self, environment: Environment) -> None:
        """Make the directory empty but for what earlier runs have fetched, which is compared."""
        try:
            if not self.lock_file:
                raise OSError("it cannot be locked")
            self.recover()
            self.moving.mkdir()
            for name in self.names():
                (self.directory / name).rename(self.moving / name)
            self.moving.rename(self.last)
            self.is_aside = True
        except OSError as error:
            # Such as a disk inside of it, or a layer of the image.
            with suppress(OSError):
                self.move_up()
            with suppress(OSError):
                (self.directory / RUN).unlink()
            if self.names():
                told = "the last model cannot be moved aside, so that a failed run replaces it: %s"
                log.warning(told, error)
            return
        for channel in environment.channels:
            if (channel.kind, channel.direction) == ("model", "input"):
                place = environment.directory_of(channel)
                self.fetched |= {place.name, packed_of(place).name}
        for name in self.fetched:
            with suppress(FileNotFoundError, NotADirectoryError):
                shutil.copytree(self.last / name, self.directory / name, symlinks=True)

    def begin(self) -> None:
        """Note that the trainer begins: what is there now is no result."""
        self.began_at = time.time()

    def replace(self, run: str, outcome: Outcome) -> None:
        """Remove the last model: a run has made another one. What others have put there stays."""
        if not self.results():
            log.warning("the trainer saved no model: %s stays as it was", self.directory)
            self.restore(outcome)
            return
        told = {"run": run, "outcome": outcome, "files": self.names() if self.is_aside else []}
        (self.directory / RUN).write_text(json.dumps(told) + "\n", encoding="utf-8")
        # A trainer may have removed the whole directory.
        if self.is_aside and self.last.is_dir():
            # From now on the other one is served.
            self.last.rename(self.replaced)
            self.remove_replaced()

    def restore(self, outcome: Outcome) -> None:
        """Bring the last model back; what the run has saved is kept where no server finds it."""
        if not self.is_aside:
            return
        if results := self.results():
            place = self.keep(results, outcome)
            log.warning("the model of this run is in %s; the last good one stays", place)
        if self.last.is_dir():
            for path in self.last.iterdir():
                remove(self.directory / path.name)
            self.last.rename(self.moving)
            self.move_up()

    def recover(self) -> None:
        """Do what a run has left to do that was killed."""
        self.remove_replaced()
        if self.moving.is_dir():
            self.move_up()
        self.is_aside = self.last.is_dir()
        self.restore("failed")
        self.is_aside = False

    def names(self) -> list[str]:
        """Return what is in the directory."""
        # The file system's own, at the root of a disk.
        hidden = {LAST, "lost+found"}
        paths = self.directory.iterdir() if self.directory.is_dir() else ()
        return sorted(p.name for p in paths if p.name not in hidden and not is_partial(p))

    def results(self) -> list[str]:
        """Return what the trainer has saved."""
        return [
            name
            for name in self.names()
            if name not in self.fetched or is_newer(self.directory / name, self.began_at)
        ]

    def keep(self, names: Collection[str], outcome: Outcome) -> Path:
        """Move what a run has saved beside the directory; inside, where that is a disk."""
        beside = self.directory.with_name(f"{self.directory.name}.{outcome}")
        inside = self.directory / f".{outcome}.partial"
        remove(beside)
        remove(inside)
        for name in names:
            for place in (beside, inside):
                with suppress(OSError):
                    place.mkdir(exist_ok=True)
                    (self.directory / name).rename(place / name)
                    break
        with suppress(OSError):
            beside.rmdir()
        return beside if beside.is_dir() else inside

    def move_up(self) -> None:
        """Move the last model to its place."""
        for path in self.moving.iterdir():
            path.rename(self.directory / path.name)
        self.moving.rmdir()

    def remove_replaced(self) -> None:
        """Remove what the run before has put there, and move up what others have."""
        ours = read_run(self.replaced).get("files", [])
        for path in [*self.replaced.iterdir()] if self.replaced.is_dir() else []:
            if path.name in {*ours, RUN} or os.path.lexists(self.directory / path.name):
                remove(path)
            else:
                path.rename(self.directory / path.name)
        remove(self.replaced)


def is_newer(path: Path, moment: float) -> bool:
    """Return whether a file, or one below a directory, was written after a moment."""
    below = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return any(each.lstat().st_mtime >= moment for each in (path, *below) if not each.is_dir())


def remove(path: Path) -> None:
    """Remove a file or a directory, as far as that is possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
