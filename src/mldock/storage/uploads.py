"""From a directory to a store: all that can be stored is, and the manifest comes last."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from mldock.errors import ContainerError
from mldock.storage.local import LocalStore
from mldock.storage.manifest import MANIFEST, Entry, Manifest, entry_of
from mldock.storage.stores import Store, is_partial
from mldock.storage.transfers import Task, Transfer

log = logging.getLogger(__name__)


def upload(directory: Path, store: Store, title: str) -> None:
    """Store the tree under a directory, and then the manifest that says that it is whole.

    Raises:
        ContainerError: Some files could not be stored; the others were.

    """
    if isinstance(store, LocalStore) and store.path.resolve() == directory.resolve():
        return
    transfer = Transfer(store, title)
    save_manifest(transfer, Manifest())
    files = save_files(transfer, directory, files_below(directory))
    save_manifest(Transfer(store, title), Manifest(complete=True, files=files))
    log.info("%s: %d files stored", title, len(files))


def save_files(transfer: Transfer, directory: Path, paths: list[Path]) -> dict[str, Entry]:
    """Store files under their paths below a directory, and return what each of them was."""
    entries = {}

    def note(path: Path, name: str) -> None:
        entries[name] = transfer.attempt(lambda: entry_of(path), name)

    def tasks() -> Iterator[Task]:
        for path in paths:
            name = path.relative_to(directory).as_posix()
            # Side by side, since a large file takes time to be read.
            yield partial(note, path, name)
            yield partial(save_file, transfer, path, name)

    # A trainer may still remove some: then it is those that fail.
    size = sum(path.stat().st_size for path in paths if path.is_file())
    transfer.run(tasks(), size, to_the_end=True)
    return entries


def files_below(directory: Path) -> list[Path]:
    """Return the files to store: not what is still being written, nor an older manifest."""
    return [
        path
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not is_partial(path) and path.name != MANIFEST
    ]


def save_file(transfer: Transfer, path: Path, name: str) -> None:
    """Store one file, again after a fault that may pass."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ContainerError(f"{name!r} is no name in UTF-8. Rename the file.") from error

    def save() -> None:
        sent = 0

        def advance(count: int) -> None:
            nonlocal sent
            sent += count
            transfer.advance(count)

        try:
            transfer.store.save(path, name, advance)
        except Exception:
            transfer.progress.advance(-sent)
            raise

    transfer.attempt(save, name)


def save_manifest(transfer: Transfer, manifest: Manifest) -> None:
    """Store the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MANIFEST
        path.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        transfer.attempt(lambda: transfer.store.save(path, MANIFEST, lambda _: None))
