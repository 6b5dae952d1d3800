"""What lies at the URI of a channel, and the few things that are done with it.

A platform is a class with the methods of `Store`. Workers call them from several threads.
"""

from __future__ import annotations

import errno
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mldock.errors import ContainerError, describe

Write = Callable[[bytes], object]
"""Takes the next bytes of a file that is read; raises when the transfer is to end."""

Advance = Callable[[int], None]
"""Is called with the number of bytes that were stored; raises when the transfer is to end."""

CHUNK = 2**18
"""How many bytes to read at once."""

# What is larger is read in parts, by several workers.
PART = 32 * 2**20

# Answers of HTTP that may be other ones next time.
TRANSIENT_STATUS = {408, 425, 429, 500, 502, 503, 504}

REMEDIES = {
    401: "The credentials are not valid: renew them.",
    403: "The credentials lack the right to do this: have it granted, or use others.",
    404: "Correct the URI, or create the bucket.",
    412: "It was changed while it was read: start again.",
}

DISK_FAULTS = {
    errno.ENOSPC: "The disk is full: give the volume more space.",
    errno.EDQUOT: "The disk's quota is used up: give the volume more space.",
    errno.EROFS: "It is read-only: mount it writable.",
    errno.EACCES: "Let this user read and write it.",
    errno.EPERM: "Let this user read and write it.",
    errno.ENAMETOOLONG: "Give the object a shorter name.",
}


# With slots, a million of them fit into the memory of a small machine.
@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a store.

    Attributes:
        path: Where it belongs below the channel's directory, with slashes.
        key: What the store calls it.
        size: In bytes.
        modified: When it was written, in seconds since 1970.
        md5: The checksum of its content in hexadecimal digits, or of a large object of S3 the
            checksum of its parts' checksums and their number; empty where the store has none.

    """

    path: str
    key: str
    size: int
    modified: float
    md5: str = ""


class Store(ABC):
    """The files at one URI, on one platform.

    Attributes:
        uri: The URI.
        found: Whether `files` has met anything at all, were it an empty folder.

    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.found = False

    @abstractmethod
    def files(self) -> Iterator[RemoteFile]:
        """Yield what lies at the URI: one file, or all below a directory."""

    @abstractmethod
    def read(self, file: RemoteFile, start: int, stop: int, write: Write) -> None:
        """Pass the bytes of a file from `start` to before `stop` to `write`, in order."""

    def part_size(self, file: RemoteFile) -> int:
        """Return how many bytes are to be read at once; parts are read side by side."""
        return max(file.size, 1)

    def checksum(self, file: RemoteFile) -> str:
        """Return the file's `md5`; called after it was read."""
        return file.md5

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Store a local file at `path` below the URI, whole or not at all."""
        del source, path, advance
        raise ContainerError("this platform is only read from. Choose another for outputs.")

    def delete(self, path: str) -> None:
        """Remove the file at `path` below the URI."""
        del path
        raise ContainerError("this platform is only read from. Choose another for outputs.")

    def executable(self, file: RemoteFile) -> int:
        """Return the bits of a file's mode that let it be run; most stores know none."""
        del file
        return 0

    def remedy(self, error: Exception) -> str | None:
        """Say what a person can do about an error; None when to try again may help."""
        if isinstance(error, ConnectionError | TimeoutError):
            return None
        if status := self.status(error):
            return None if status in TRANSIENT_STATUS else REMEDIES.get(status, "")
        return DISK_FAULTS.get(error.errno or 0, "") if isinstance(error, OSError) else ""

    def reason(self, error: Exception) -> str:
        """Say what failed, without the words of the client around it."""
        return describe(error)

    def status(self, error: Exception) -> int | None:
        """Return the HTTP status that an error of the platform's client stands for."""
        del error
        return None


def copy(source: Path, write: Write) -> None:
    """Pass the content of a file on, chunk by chunk."""
    with source.open("rb") as file:
        while chunk := file.read(CHUNK):
            write(chunk)


def partial_of(target: Path) -> Path:
    """Return the name that a file has until it is whole: short, and the same at each try."""
    digest = hashlib.sha256(target.name.encode(errors="surrogateescape")).hexdigest()[:16]
    return target.with_name(f".{digest}.partial")


def is_partial(path: Path) -> bool:
    """Say whether a file is still being written, by us or in the same way by a trainer."""
    return path.name.startswith(".") and path.suffix == ".partial"
