"""The model of a run: written beside the last good one, and put in its place at success.

Its directory is inside of `model/`, which may be a disk of its own: there a rename suffices.
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
from secrets import token_hex
from tempfile import mkdtemp
from typing import Any

from mldock.environment import MODEL_DIR, Environment
from mldock.errors import ContainerError
from mldock.lifecycle import RUN, packed_of, read_run

log = logging.getLogger("train")


class RunModel:
    """The model that a run makes; `Environment.model_dir` is its directory from now on.

    Attributes:
        published: The directory that the server reads.
        directory: The directory that the trainer writes to.

    """

    def __init__(self) -> None:
        os.environ.pop(MODEL_DIR, None)
        environment, host = Environment(), ""
        # A mistake in what names the hosts is told later.
        with suppress(ContainerError):
            host = f"-{environment.current_host}" if len(environment.hosts) > 1 else ""
        self.published = environment.model_dir
        # Until it has begun there is nothing of that name: what others have left is not its own.
        self.directory = self.published / f".new-{token_hex(4)}{host}.partial"
        self.fetched = set[str]()
        os.environ[MODEL_DIR] = str(self.directory)

    def begin(self, environment: Environment) -> None:
        """Make the directory, with links to what is fetched: that is no result of the run.

        The first of several hosts comes first. Where they share a disk, it is the directory of all.

        Raises:
            ContainerError: Another run trains into the same place.

        """
        self.published.mkdir(parents=True, exist_ok=True)
        if not environment.is_first:
            for first in self.published.glob(f".new-*-{environment.hosts[0]}.partial"):
                self.directory.symlink_to(first.name)
                return
        lock(self.published)
        for path in self.published.glob(".new-*.partial"):
            if not path.is_symlink():
                recover(path, self.published)
            remove(path)
        self.directory.mkdir()
        stored = {channel.name for channel in environment.channels if channel.direction == "output"}
        for channel in environment.channels:
            is_input = (channel.kind, channel.direction) == ("model", "input")
            if is_input and channel.name not in stored:
                place = environment.directory_of(channel)
                for path in [place, packed_of(place)] if channel.unpack else [place]:
                    (self.published / path.name).mkdir(exist_ok=True)
                    path.symlink_to(Path("..", path.name))
                    self.fetched.add(path.name)

    def publish(self, run: dict[str, Any]) -> None:
        """Put what the run has saved in the place of what the last one has published.

        Raises:
            OSError: The place does not allow it; the next run begins with it.

        """
        if self.directory.is_symlink():
            remove(self.directory)
        elif names := self.names():
            run = {**run, "files": names}
            (self.directory / RUN).write_text(json.dumps(run) + "\n", encoding="utf-8")
            move_up(self.directory, self.published, self.fetched)
        else:
            told = "the trainer saved nothing in %s: %s stays as it is"
            log.warning(told, self.directory, self.published)
            remove(self.directory)

    def set_aside(self, outcome: str) -> None:
        """Keep what a run has saved that failed or was stopped, where no server finds it."""
        if not self.directory.is_symlink() and self.names():
            move_aside(self.directory, self.published, outcome)
        remove(self.directory)

    def discard(self) -> None:
        """Remove the directory: the trainer has not begun."""
        remove(self.directory)

    def names(self) -> list[str]:
        """Return what the run has saved, without the links to what was fetched, which go."""
        for name in self.fetched:
            if (link := self.directory / name).is_symlink():
                link.unlink()
        return names_in(self.directory)


def names_in(directory: Path) -> list[str]:
    """Return the names of what a run has saved."""
    # A trainer may have removed the directory, to begin with an empty one.
    paths = directory.iterdir() if directory.is_dir() else ()
    return sorted(path.name for path in paths if path.name != RUN)


def lock(directory: Path) -> None:
    """Lock a directory until this process ends.

    Raises:
        ContainerError: Another process has locked it.

    """
    try:
        fcntl.flock(os.open(directory, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told = f"another run is training into {directory}. Wait for its end."
        raise ContainerError(told) from None
    except OSError as error:
        log.debug("%s cannot be locked: %s", directory, error)


def recover(directory: Path, published: Path) -> None:
    """Put what a run has left that was killed where it belongs."""
    for path in directory.iterdir():
        # To what was fetched.
        if path.is_symlink():
            path.unlink()
    # Where it does not go on, it is kept beside.
    with suppress(OSError):
        if read_run(directory):
            move_up(directory, published)
    if names_in(directory):
        move_aside(directory, published, "failed")


def move_up(directory: Path, published: Path, kept: Collection[str] = ()) -> None:
    """Move what a run has saved to its place, and remove what the last run has put there.

    What others have put there stays. One that is killed in it is continued by the next run.
    """
    new = set(read_run(directory)["files"])
    last = set(read_run(published).get("files", [])).difference(kept)
    replaced = Path(mkdtemp(".partial", ".old-", published))
    for name in sorted(last | new):
        source, target = directory / name, published / name
        # One that is new and not in the directory has been moved before.
        if os.path.lexists(source) or name not in new:
            replace(target, source, replaced / name)
    # The last step: until then it can be told what is whose.
    (directory / RUN).replace(published / RUN)
    for path in [*published.glob(".old-*.partial"), directory]:
        remove(path)


def replace(target: Path, source: Path, replaced: Path) -> None:
    """Replace a file or folder by another one, or by nothing."""
    with suppress(FileNotFoundError):
        try:
            target.rename(replaced)
        except FileNotFoundError:
            pass
        except OSError:
            # That of a mount or of the image's own layer cannot be moved, but be emptied.
            remove(target)
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                shutil.copy2(source, target)
            return
        source.rename(target)


def move_aside(directory: Path, published: Path, outcome: str) -> None:
    """Move what a run has saved beside the published model, and say so."""
    (directory / RUN).unlink(missing_ok=True)
    place = published.with_name(f"{published.name}.{outcome}")
    try:
        remove(place)
        directory.rename(place)
    # Where the model has a disk of its own, it stays inside.
    except OSError:
        place = published / f".{outcome}.partial"
        remove(place)
        directory.rename(place)
    log.warning("the model of this run is in %s; the last good one stays", place)


def remove(path: Path) -> None:
    """Remove a directory as far as that is possible, or a link."""
    if path.is_symlink():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)
