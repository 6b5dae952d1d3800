"""A file that is being fetched: parts side by side, under a temporary name until it is whole."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from mldock.errors import ContainerError
from mldock.storage.manifest import Entry, entry_of
from mldock.storage.stores import CHUNK, PART, RemoteFile, partial_of
from mldock.storage.transfers import Task, Transfer

Result = TypeVar("Result")


class Incoming:
    """A file on its way from a store to its place."""

    def __init__(
        self, transfer: Transfer, file: RemoteFile, target: Path, entry: Entry | None
    ) -> None:
        self.transfer, self.file, self.target, self.entry = transfer, file, target, entry
        self.partial = partial_of(target)
        self.digests: dict[int, bytes] = {}
        self.lock = threading.Lock()

    def tasks(self) -> Iterator[Task]:
        """Yield what fetches the parts; the last to end makes the file a whole one."""
        size = self.attempt(self.prepare)
        starts = range(0, max(self.file.size, 1), size)
        if len(starts) > 1:
            # Parts that come side by side need a file to be written into.
            self.attempt(lambda: self.partial.write_bytes(b""))
        for start in starts:
            yield partial(self.fetch, start, min(start + size, self.file.size), len(starts))

    def attempt(self, action: Callable[[], Result]) -> Result:
        """Do something for the file, again after a fault that may pass."""
        return self.transfer.attempt(action, self.file.path)

    def prepare(self) -> int:
        """Make room for the file, and return the size of the parts to fetch."""
        self.transfer.make_folder(self.target.parent)
        # To ask the store for each of many small files would take longer than to fetch them.
        return self.transfer.store.part_size(self.file) if self.file.size > PART else PART

    def fetch(self, start: int, stop: int, count: int) -> None:
        """Fetch one part of `count`."""
        mode = "wb" if count == 1 else "r+b"
        digest = self.attempt(lambda: self.read(start, stop, mode))
        with self.lock:
            self.digests[start] = digest
            last = len(self.digests) == count
        if last:
            self.attempt(self.finish)

    def read(self, start: int, stop: int, mode: str) -> bytes:
        """Write a part into its place and return its MD5."""
        md5, come = hashlib.md5(usedforsecurity=False), 0
        with self.partial.open(mode) as file:
            file.seek(start)

            def write(chunk: bytes) -> None:
                nonlocal come
                come += len(chunk)
                self.transfer.advance(len(chunk))
                file.write(chunk)
                md5.update(chunk)

            try:
                self.transfer.store.read(self.file, start, stop, write)
                if come != stop - start:
                    raise ConnectionError(f"{self.file.key}: {come} bytes came of {stop - start}")
            except Exception:
                self.transfer.progress.advance(-come)
                raise
        return md5.digest()

    def finish(self) -> None:
        """Check the file, and give it its name."""
        store = self.transfer.store
        if not self.is_intact() or (self.entry and entry_of(self.partial) != self.entry):
            self.partial.unlink()
            raise ContainerError(
                f"{self.file.key} came otherwise than it was stored: its checksum differs. "
                "Start again; if that does not help, upload it again."
            )
        if bits := store.executable(self.file):
            self.partial.chmod(self.partial.stat().st_mode | bits)
        moment = int(self.file.modified * 1e9)
        os.utime(self.partial, ns=(moment, moment))
        self.partial.replace(self.target)

    def is_intact(self) -> bool:
        """Compare what came with the store's checksum of the whole, or of the uploaded parts."""
        store, parts = self.transfer.store, [self.digests[start] for start in sorted(self.digests)]
        if not store.checksum(self.file):
            return True
        if "-" not in self.file.md5:
            whole = parts[0] if len(parts) == 1 else self.digest(0, self.file.size)
            return whole.hex() == store.checksum(self.file)
        if len(parts) == 1:
            size = store.part_size(self.file)
            parts = [self.digest(start, start + size) for start in range(0, self.file.size, size)]
        joined = hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest()
        # The store may have found only now that it does not know the parts.
        return store.checksum(self.file) in {"", f"{joined}-{len(parts)}"}

    def digest(self, start: int, stop: int) -> bytes:
        """Return the MD5 of a range of what came."""
        md5 = hashlib.md5(usedforsecurity=False)
        with self.partial.open("rb") as file:
            file.seek(start)
            while chunk := file.read(min(CHUNK, stop - file.tell())):
                md5.update(chunk)
        return md5.digest()
