"""Moves files between a directory and a store: whole or not at all, many at a time.

An upload ends with a manifest of its files, so that half of one is not taken for the whole.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NoReturn

from mldock.errors import ContainerError, format_error
from mldock.manifest import MANIFEST, Entry, Manifest, entry_of, is_manifest, read_entries
from mldock.places import RemoteFile, check_file, check_files, is_file, walk
from mldock.stores import Directory, Store, is_partial, partial_of
from tqdm import tqdm

log = logging.getLogger(__name__)

Step = tuple[str, Callable[[], object]]
"""The file that a step is about, and what to do."""

WORKERS = 16
# What is larger is read in parts, by several workers.
PART = 32 * 2**20
# In seconds, between two lines of a log.
PROGRESS_INTERVAL = 10.0


class TransferCancelled(Exception):  # noqa: N818 - it reports no error of its own
    """The transfer has ended: another file failed, or the container is to stop."""


class Transfer:
    """Files on their way from or to a store.

    Args:
        store: The store.
        title: What the lines of the log begin with: the variable of the channel.

    Attributes:
        saved: The files that have been stored, by their paths.

    """

    def __init__(self, store: Store, title: str) -> None:
        self.store, self.title = store, title
        self.lock, self.cancelled = threading.Lock(), threading.Event()
        self.moved = 0
        self.saved = dict[str, Entry]()

    def run(self, steps: Iterable[Step], size: int = 0, *, keep_going: bool = False) -> None:
        """Run steps that move `size` bytes: up to the first that fails, or all of them.

        Raises:
            ContainerError: Steps have failed.

        """
        waiting, failures, self.moved = iter(steps), list[str](), 0
        self.cancelled.clear()

        def work() -> None:
            while not self.cancelled.is_set():
                name = ""
                try:
                    with self.lock:
                        name, step = next(waiting, ("", None))
                    if step is None:
                        return
                    step()
                except TransferCancelled:
                    return
                # A fault inside of obstore is no Exception.
                except BaseException as error:
                    known = isinstance(error, ContainerError)
                    reason = format_error(error) if known else self.store.explain(error)
                    shown = name if name.isprintable() else ascii(name)
                    failures.append(f"{shown}: {reason}" if name else reason)
                    # So many at once say that it is not about single files.
                    if not keep_going or len(failures) >= WORKERS:
                        self.cancelled.set()

        # The interpreter does not wait for daemons: one may be in a read for a minute.
        threads = [threading.Thread(target=work, daemon=True) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        try:
            # This thread only waits, so that a signal is handled while a store is silent.
            self.wait(threads, size)
        finally:
            # After a signal too, the threads end with the next bytes that they move.
            self.cancelled.set()
            deadline = time.monotonic() + 1
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
        if failures:
            # The parts of a file fail alike.
            failures = list(dict.fromkeys(failures))
            more = f"; and {len(failures) - 3} more" if len(failures) > 3 else ""
            raise ContainerError("; ".join(failures[:3]) + more)

    def wait(self, threads: list[threading.Thread], size: int) -> None:
        """Show the progress until all threads have ended, or one has failed."""
        begin = shown = time.monotonic()
        bar: tqdm[NoReturn]
        with tqdm(
            desc=self.title,
            total=size,
            unit="B",
            unit_scale=True,
            leave=False,
            # Engines give terminals that tell no size, on which tqdm by itself shows nothing.
            ncols=shutil.get_terminal_size().columns - 1,
            nrows=24,
            delay=0.5,
            disable=not (size and sys.stderr.isatty()),
        ) as bar:
            for thread in threads:
                while thread.is_alive() and not self.cancelled.is_set():
                    thread.join(0.1)
                    bar.update(self.moved - bar.n)
                    now = time.monotonic()
                    if not bar.disable or now - shown < PROGRESS_INTERVAL:
                        continue
                    shown, seconds = now, now - begin
                    moved, total = tqdm.format_sizeof(self.moved), tqdm.format_sizeof(size)
                    line = f"{moved} of {total}B" if size else "waiting for the store"
                    log.info("%s: %s, %.0f s", self.title, line, seconds)

    def advance(self, count: int) -> None:
        """Count bytes that have moved."""
        if self.cancelled.is_set():
            raise TransferCancelled
        with self.lock:
            self.moved += count


def download(store: Store, directory: Path, title: str, *, optional: bool = False) -> None:
    """Fetch all files of a store into a directory; if `optional`, there may be none.

    A file that is there with the size and the time of the remote one is not fetched again, so a
    restarted container continues where it stopped.

    Raises:
        ContainerError: There are no files, or one cannot be fetched or is not what was uploaded.

    """
    transfer, entries = Transfer(store, title), dict[str, Entry]()
    wanted, missing = dict[Path, RemoteFile](), dict[Path, RemoteFile]()

    def look() -> None:
        if optional:
            # Checkpoints are stored there too.
            check_is_folder(store)
        files = list(store.files())
        if not files and not optional:
            raise ContainerError(
                "nothing is stored there. Correct the channel, or upload the data."
            )
        entries.update(read_entries(store, files))
        directory.mkdir(parents=True, exist_ok=True)
        check_files(files)
        folders = {folder for file in files for folder in PurePosixPath(file.path).parents}
        for file in files:
            target = directory / file.path
            is_mark = not file.size and (PurePosixPath(file.path) in folders or target in wanted)
            if not (is_mark or is_manifest(file)):
                wanted[target] = file
        missing.update(item for item in wanted.items() if not is_current(*item))
        for target in missing:
            # What an earlier start has left takes the space that this one needs.
            partial_of(target).unlink(missing_ok=True)

    transfer.run([("", look)])
    size = sum(file.size for file in missing.values())
    if size > (free := shutil.disk_usage(directory).free):
        raise ContainerError(
            f"it has {size:,} bytes, and {directory} has room for {free:,}. Give it more space."
        )
    downloads = (
        Download(transfer, file, target, entries.get(file.path)) for target, file in missing.items()
    )
    transfer.run((step for one in downloads for step in one.steps()), size)
    there = len(wanted) - len(missing)
    log.info("%s: %d files fetched, %d bytes; %d were there", title, len(missing), size, there)


class Download:
    """A file that is being fetched: its parts side by side, under a temporary name."""

    def __init__(
        self, transfer: Transfer, file: RemoteFile, target: Path, entry: Entry | None
    ) -> None:
        self.transfer, self.file, self.target, self.entry = transfer, file, target, entry
        self.partial = partial_of(target)
        self.parts = -(-file.size // PART) or 1

    def steps(self) -> list[Step]:
        """Return what fetches the parts."""
        starts = range(0, PART * self.parts, PART)
        return [(self.file.path, partial(self.fetch, start)) for start in starts]

    def fetch(self, start: int) -> None:
        """Fetch the part that begins at `start`; the last one to end finishes the file."""
        try:
            self.read(start, min(start + PART, self.file.size))
        except FileNotFoundError:
            # The mark of an empty folder is listed as an empty object, which does not exist.
            if self.file.size:
                raise
            self.partial.unlink(missing_ok=True)
            return
        with self.transfer.lock:
            self.parts -= 1
            is_last = not self.parts
        if is_last:
            self.finish()

    def read(self, start: int, stop: int) -> None:
        """Write a part into its place."""
        count = 0
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.partial.touch()
        # Parts that come side by side are written into one file.
        with self.partial.open("r+b") as file:
            file.seek(start)
            for chunk in self.transfer.store.read(self.file, start, stop):
                self.transfer.advance(len(chunk))
                count += file.write(chunk)
        if count != stop - start:
            raise ContainerError(f"{count} bytes came of {stop - start}. Start again.")

    def finish(self) -> None:
        """Check the file, and give it its name."""
        store, file = self.transfer.store, self.file
        is_listed = self.entry is None or self.entry == entry_of(self.partial)
        if not (is_listed and store.is_copy(file, self.partial)):
            self.partial.unlink()
            raise ContainerError(
                "it is not what was stored: its checksum differs. "
                "Start again; if that does not help, upload it again."
            )
        if bits := store.mode(file):
            self.partial.chmod(self.partial.stat().st_mode | bits)
        moment = int(file.modified * 1e9)
        os.utime(self.partial, ns=(moment, moment))
        self.partial.replace(self.target)


def is_current(target: Path, file: RemoteFile) -> bool:
    """Return whether a file was fetched before and is unchanged, here and there."""
    if not target.is_file():
        return False
    facts = target.stat()
    return facts.st_size == file.size and abs(facts.st_mtime - file.modified) < 1e-6


def upload(store: Store, directory: Path, title: str) -> None:
    """Store the files below a directory, and then the manifest, which says that it is whole.

    Raises:
        ContainerError: Nothing can be stored there, or some files could not; the others were.

    """
    if isinstance(store, Directory) and store.path.resolve() == directory.resolve():
        return
    transfer = Transfer(store, title)
    for path in filter(is_partial, walk(directory)):
        log.warning("%s: %s is not stored, since it was never finished", title, ascii(str(path)))
    paths = files_below(directory)
    for folder in sorted({folder for path in paths for folder in path.parents}):
        if directory in folder.parents and folder.is_symlink():
            name, target = folder.relative_to(directory), folder.resolve()
            told = ascii(f"{name} is a link to {target}")[1:-1]
            log.warning("%s: %s; its files are stored in its place", title, told)
    transfer.run([("", partial(check_target, store, directory, paths))])
    save_manifest(transfer, Manifest())
    save_files(transfer, directory, paths)
    save_manifest(transfer, Manifest(complete=True, files=transfer.saved))
    log.info("%s: %d files stored", title, len(transfer.saved))


def check_output(store: Store, directory: Path, title: str) -> None:
    """Refuse before a job what `upload` would refuse after it, as far as it can be known.

    Raises:
        ContainerError: Nothing can be stored there, whatever the job makes.

    """

    def look() -> None:
        try:
            check_place_of(store, directory)
        except ContainerError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in {errno.ENOTDIR, errno.ENAMETOOLONG}:
                raise
            # It may be reachable when the job has ended.
            log.warning("%s: the place cannot be checked now: %s", title, store.explain(error))

    Transfer(store, title).run([("", look)])


def check_place_of(store: Store, directory: Path) -> None:
    """Refuse a place where the files of a directory cannot be stored, whatever they are."""
    if isinstance(store, Directory) and directory.resolve() in store.path.resolve().parents:
        raise ContainerError(f"it is inside of {directory}, which is stored. Choose another place.")
    check_is_folder(store)
    store.check_form(MANIFEST)


def check_target(store: Store, directory: Path, paths: Iterable[Path]) -> None:
    """Refuse an upload of which a part would be in the way of another, or of what is there.

    Raises:
        ContainerError: The place is a file, or has one where these files need a folder.

    """
    check_place_of(store, directory)
    names = {path.relative_to(directory).as_posix() for path in paths}
    folders = {str(folder) for name in names for folder in PurePosixPath(name).parents}
    if key := store.find_conflict(names, folders - {"."}):
        raise ContainerError(
            f"{key!r} is in the way of a folder or a file of that name. Move it, or choose another "
            "place."
        )


def check_is_folder(store: Store) -> None:
    """Refuse the place of a single file."""
    if store.is_file():
        raise ContainerError("a file is stored there, and so no folder. Choose another place.")


def save_files(transfer: Transfer, directory: Path, paths: list[Path]) -> None:
    """Store files under their paths below a directory."""

    def save(path: Path, name: str) -> None:
        check_file(path)
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise ContainerError("it is not a name in UTF-8. Rename the file.") from error
        entry = entry_of(path)
        transfer.store.save(path, name, transfer.advance)
        transfer.saved[name] = entry

    names = [(path, path.relative_to(directory).as_posix()) for path in paths]
    steps = ((name, partial(save, path, name)) for path, name in names)
    # A trainer may remove a file in the meantime: then it is that one which fails.
    size = sum(path.stat().st_size for path in paths if is_file(path))
    transfer.run(steps, size, keep_going=True)


def delete_files(transfer: Transfer, names: Iterable[str]) -> None:
    """Remove files of a store, by their paths below its URI."""
    transfer.run((name, partial(transfer.store.delete, name)) for name in names)


def files_below(directory: Path) -> list[Path]:
    """Return what is to be stored: not what is still being written, nor an older manifest."""
    return [path for path in walk(directory) if not is_partial(path) and path.name != MANIFEST]


def save_manifest(transfer: Transfer, manifest: Manifest) -> None:
    """Store the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, MANIFEST)
        path.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        transfer.run([("", lambda: transfer.store.save(path, MANIFEST, transfer.advance))])
