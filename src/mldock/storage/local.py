"""Files of this machine, or of a volume that it has mounted."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mldock.errors import ContainerError
from mldock.storage.stores import Advance, RemoteFile, Store, Write, copy, partial_of


class LocalStore(Store):
    """A file or a directory, by its path or a `file://` URI."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.path = local_path(uri)

    def files(self) -> Iterator[RemoteFile]:
        """Yield the file at the path, or all below it."""
        self.found = self.path.exists()
        single = self.path.is_file()
        for path in [self.path] if single else self.path.rglob("*"):
            if path.is_file():
                name = path.name if single else path.relative_to(self.path).as_posix()
                facts = path.stat()
                yield RemoteFile(name, str(path), facts.st_size, facts.st_mtime)

    def read(self, file: RemoteFile, start: int, stop: int, write: Write) -> None:
        """Read a file."""
        del start, stop
        copy(Path(file.key), write)

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Copy a file under a temporary name, then give it its own."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.stat().st_size > shutil.disk_usage(target.parent).free:
            # Else it would fill what smaller files have room in.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        partial = partial_of(target)
        try:
            with partial.open("wb") as file:
                copy(source, lambda chunk: advance(file.write(chunk)))
            # Some volumes know no modes.
            with suppress(PermissionError):
                shutil.copymode(source, partial)
            partial.replace(target)
        finally:
            # Half a file must not keep a full disk full.
            partial.unlink(missing_ok=True)

    def executable(self, file: RemoteFile) -> int:
        """Return the bits that let the file be run."""
        return Path(file.key).stat().st_mode & 0o111

    def delete(self, path: str) -> None:
        """Remove a file."""
        (self.path / path).unlink(missing_ok=True)


def local_path(uri: str) -> Path:
    """Return the path that a plain path or a `file://` URI names."""
    if not uri.startswith("file:"):
        return Path(uri)
    parts = urlsplit(uri)
    if parts.netloc not in {"", "localhost"}:
        raise ContainerError(f"it names the host {parts.netloc!r}. Write file:///path.")
    return Path(unquote(parts.path))
