"""From a store into a directory: each file whole, checked, and only if it is not there yet."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from mldock.errors import ContainerError
from mldock.storage.incoming import Incoming
from mldock.storage.manifest import is_manifest, read_manifests
from mldock.storage.stores import RemoteFile, Store, partial_of
from mldock.storage.transfers import Task, Transfer

log = logging.getLogger(__name__)


def download(store: Store, directory: Path, title: str, *, optional: bool = False) -> None:
    """Fetch all that lies at the store's URI, if `optional` nothing too, into a directory.

    A file that is there with the size and the time of the remote one is not fetched again, so a
    second start goes on where the first was cut.

    Raises:
        ContainerError: Nothing lies there, a file cannot be fetched or is not what was uploaded.

    """
    transfer = Transfer(store, title)
    files = transfer.attempt(lambda: list(store.files()))
    if not store.found and not optional:
        raise ContainerError("nothing lies there. Correct the channel, or upload the data.")
    entries = read_manifests(transfer, files)
    wanted = {place(directory, file): file for file in files if not is_manifest(file)}
    check_tree([file for file in files if not is_manifest(file)])
    missing = transfer.attempt(lambda: prepare(directory, wanted))
    size = sum(file.size for file in missing.values())
    if size > (free := shutil.disk_usage(directory).free):
        raise ContainerError(
            f"it has {size:,} bytes, and {directory} has room for {free:,}. Give it more space."
        )

    def tasks() -> Iterator[Task]:
        for target, file in missing.items():
            yield from Incoming(transfer, file, target, entries.get(file.path)).tasks()

    transfer.run(tasks(), size)
    there = len(wanted) - len(missing)
    log.info("%s: %d files fetched, %d bytes; %d were there", title, len(missing), size, there)


def prepare(directory: Path, wanted: dict[Path, RemoteFile]) -> dict[Path, RemoteFile]:
    """Make the directory, and return those of the files that are not there yet."""
    directory.mkdir(parents=True, exist_ok=True)
    missing = {target: file for target, file in wanted.items() if not is_there(target, file)}
    for target in missing:
        # What an earlier start has left takes the room that this one needs.
        partial_of(target).unlink(missing_ok=True)
    return missing


def is_there(target: Path, file: RemoteFile) -> bool:
    """Say whether a file has been fetched before and is unchanged, here and there."""
    if not target.is_file():
        return False
    facts = target.stat()
    return facts.st_size == file.size and abs(facts.st_mtime - file.modified) < 1e-6


def place(directory: Path, file: RemoteFile) -> Path:
    """Return where a file belongs; refuse a key that leaves the directory, or hides another."""
    if {"", ".", ".."}.intersection(file.path.split("/")) or "\0" in file.path:
        raise ContainerError(
            f"the key {file.key!r} is no path below the channel's directory. Rename the object."
        )
    return directory / file.path


def check_tree(files: list[RemoteFile]) -> None:
    """Refuse a key that is a file and, for other keys, a folder: no disk can hold both."""
    keys = {file.key for file in files}
    for file in files:
        folder = file.key
        while folder := folder.rpartition("/")[0]:
            if folder in keys:
                raise ContainerError(
                    f"the key {folder!r} is a file, and a folder for {file.key!r}. "
                    "Rename one of the objects."
                )
