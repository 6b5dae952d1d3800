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
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.lifecycle import LAST, RUN, Outcome, packed_of, read_run
from mldock.stores import is_partial

log = logging.getLogger("train")

State = dict[str, tuple[int, int, int]]
"""The size, the time and the number of each file."""


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
        self.lock_file = directory / ".lock.partial"
        self.locks: list[int] = []
        self.is_aside = self.had_one = False
        self.before: dict[str, State] | None = None

    def lock(self) -> None:
        """Keep other runs away until `unlock`.

        Raises:
            ContainerError: Another run has the directory.

        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self.lock_path(self.directory, os.O_RDONLY)
            # Machines that share a disk see the lock of a file alone. A library may refuse to save
            # to a directory that is not empty.
            if any(self.directory.iterdir()):
                self.lock_path(self.lock_file, os.O_RDWR | os.O_CREAT)
        except BlockingIOError:
            told = f"another run is training into {self.directory}. Wait for its end."
            raise ContainerError(told) from None
        # Read-only, or a file system without locks.
        except OSError as error:
            log.debug("%s cannot be locked: %s", self.directory, error)
            self.locks = []

    def lock_path(self, path: Path, flags: int) -> None:
        """Lock a file or a directory; raises OSError."""
        number = os.open(path, flags, 0o666)
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.locks.append(number)

    def unlock(self) -> None:
        """Let other runs begin."""
        if len(self.locks) > 1:
            with suppress(OSError):
                self.lock_file.unlink()
        for number in self.locks:
            os.close(number)
        self.locks = []

    def set_aside(self, environment: Environment) -> None:
        """Make the directory empty but for what earlier runs have fetched, which is compared.

        Raises:
            ContainerError: A run was killed, and what it has left cannot be put in order.

        """
        try:
            if not self.locks:
                raise OSError("it cannot be locked")
            self.recover()
            if names := self.names():
                self.moving.mkdir()
                for name in names:
                    (self.directory / name).rename(self.moving / name)
                self.moving.rename(self.last)
                self.had_one = True
            self.is_aside = True
        except OSError as error:
            with suppress(OSError):
                self.move_up()
            if self.last.is_dir() or self.moving.is_dir():
                raise ContainerError(
                    f"a run was killed, and the last model cannot be moved back: {error}. Move "
                    f"what is in {self.last} or {self.moving} to {self.directory}."
                ) from error
            # Such as a disk inside of it, or a layer of the image.
            with suppress(OSError):
                (self.directory / RUN).unlink()
            if self.names():
                told = "the last model cannot be moved aside; a failed run may write over it: %s"
                log.warning(told, error)
            return
        for channel in environment.channels:
            if channel.brings_model:
                place = environment.directory_of(channel)
                for name in (place.name, packed_of(place).name):
                    try:
                        shutil.copytree(self.last / name, self.directory / name, symlinks=True)
                    # It is fetched.
                    except OSError:
                        remove(self.directory / name)

    def begin(self) -> None:
        """Note that the trainer begins: what is there now is no result."""
        self.before = {name: state_of(self.directory / name) for name in self.names()}

    def mark(self) -> None:
        """Keep a server from what is half a model; there may be no last one."""
        if self.is_aside and not self.had_one and not self.last.is_dir() and self.names():
            with suppress(OSError):
                self.last.mkdir()
                self.lock_path(self.lock_file, os.O_RDWR | os.O_CREAT)

    def replace(self, run: str, outcome: Outcome) -> None:
        """Remove the last model: a run has made another one. What others have put there stays."""
        if not self.is_aside:
            return
        if not self.results():
            self.restore(outcome)
            if not self.is_lost:
                log.warning("the trainer saved no model: %s stays as it was", self.directory)
            return
        told = {"run": run, "outcome": outcome, "files": self.names()}
        (self.directory / RUN).write_text(json.dumps(told) + "\n", encoding="utf-8")
        if self.last.is_dir():
            # From now on the other one is served.
            self.last.rename(self.replaced)
            self.remove_replaced()

    def restore(self, outcome: Outcome, whose: str = "this run") -> None:
        """Bring the last model back; what the run has saved is kept where no server finds it."""
        if not self.is_aside:
            return
        if results := self.results():
            place = self.keep(results, outcome)
            log.warning("the model of %s is in %s; the last good one stays", whose, place)
        if self.is_lost:
            log.error("the trainer has removed %s, and with it the last model", self.directory)
        elif self.last.is_dir():
            for path in self.last.iterdir():
                remove(self.directory / path.name)
            self.last.rename(self.moving)
            self.move_up()
            self.had_one = False

    def recover(self) -> None:
        """Do what a run has left to do that was killed."""
        self.remove_replaced()
        if self.moving.is_dir():
            self.move_up()
        if self.last.is_dir():
            self.is_aside, self.before = True, {}
            try:
                self.restore("failed", "a run that was killed")
            finally:
                self.is_aside, self.before = False, None

    @property
    def is_lost(self) -> bool:
        """Whether the trainer has removed the whole directory."""
        return self.had_one and not self.last.is_dir()

    def names(self) -> list[str]:
        """Return what is in the directory."""
        # The file system's own, at the root of a disk.
        hidden = {LAST, "lost+found"}
        paths = self.directory.iterdir() if self.directory.is_dir() else ()
        return sorted(p.name for p in paths if p.name not in hidden and not is_partial(p))

    def results(self) -> list[str]:
        """Return what the trainer has saved."""
        if self.before is None:
            return []
        names = self.names()
        return [one for one in names if self.before.get(one) != state_of(self.directory / one)]

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
        if not self.replaced.is_dir():
            return
        ours = read_run(self.replaced).get("files", [])
        for path in self.replaced.iterdir():
            if path.name in ours or os.path.lexists(self.directory / path.name):
                # The last one tells what is whose.
                if path.name != RUN:
                    remove(path)
            else:
                path.rename(self.directory / path.name)
        remove(self.replaced)


def state_of(path: Path) -> State:
    """Return what tells whether a file, or one below a directory, was written."""
    below = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    facts = {str(each): each.lstat() for each in (path, *below) if not is_folder(each)}
    return {name: (fact.st_size, fact.st_mtime_ns, fact.st_ino) for name, fact in facts.items()}


def remove(path: Path) -> None:
    """Remove a file or a directory, as far as that is possible."""
    if is_folder(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def is_folder(path: Path) -> bool:
    """Return whether a path is a directory, and no link to one."""
    return path.is_dir() and not path.is_symlink()
