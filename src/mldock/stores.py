"""Where the files of a channel are: a bucket on S3, Google Cloud or Azure, or a directory."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Set
from contextlib import nullcontext, suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from mldock.errors import ContainerError, error_context, format_error
from mldock.places import (
    UNSAFE,
    RemoteFile,
    both,
    check_file,
    check_key,
    is_dir,
    is_file,
    local_path,
    marked,
    split_uri,
    walk,
)

__all__ = ["CHUNK", "CLIENT", "RETRY", "Advance", "Bucket", "RemoteFile", "Store"]

Advance = Callable[[int], object]
"""Takes the number of bytes that were sent; raises when the transfer is to end."""

CHUNK = 2**18
"""How many bytes to read at once."""

# The default limit of 30 s for a whole request would end a large file on a slow line.
CLIENT: Any = {"allow_http": True, "connect_timeout": "10s", "read_timeout": "60s", "timeout": "1h"}
"""The options of obstore's clients."""

RETRY: Any = {"max_retries": 20, "retry_timeout": timedelta(seconds=120)}
"""How often and how long obstore tries a request again."""

REMEDIES = {
    401: "The credentials are not valid: renew them.",
    403: "The credentials do not allow this: have the right granted, or use others.",
    404: "Correct the URI, or create the bucket.",
    412: "It was changed while it was read: start again.",
}
# How obstore quotes a key that is not a path.
ODD_KEY = re.compile(r'[Pp]ath "(.*?)"(?: contained|:)', re.DOTALL)
DISK_REMEDIES = {
    errno.ENOSPC: "The disk is full: give the volume more space.",
    errno.EDQUOT: "The disk's quota is used up: give the volume more space.",
    errno.EROFS: "It is read-only: mount it writable.",
    errno.EACCES: "Let this user read and write it.",
    errno.EPERM: "Let this user read and write it.",
    errno.ENAMETOOLONG: "Give it a shorter name.",
    errno.ENOTDIR: "A part of the path is a file: choose another place.",
    errno.EEXIST: "A part of the path is a file: choose another place.",
    errno.EISDIR: "It is a folder: choose another place.",
}


class Store(ABC):
    """The files at one URI. Several threads use it at once."""

    @abstractmethod
    def files(self) -> Iterator[RemoteFile]:
        """Yield the file at the URI, or all files below it."""

    @abstractmethod
    def read(self, file: RemoteFile, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of a file from `start` to before `stop`."""

    def is_file(self) -> bool:
        """Return whether the URI is that of a single file."""
        return False

    def check_form(self, path: str) -> None:
        """Raise if the form of the place alone keeps a file from being stored at `path` below."""
        del path
        if type(self).save is Store.save:
            self.save(Path(), "a file", int)

    def find_conflict(self, names: Set[str], folders: Set[str]) -> str | None:
        """Return what is in the way of files of these names in these folders, if it can be seen.

        That is a file with the path of a folder, or a folder with the path of a file.
        """
        del names, folders
        return None

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Store a local file at `path` below the URI, whole or not at all."""
        del source, advance
        raise ContainerError(f"{path} cannot be stored there. Use another platform for outputs.")

    def delete(self, path: str) -> None:
        """Remove the file at `path` below the URI, if it exists."""
        raise ContainerError(f"{path} cannot be deleted there. Use another platform for outputs.")

    def is_copy(self, file: RemoteFile, copy: Path) -> bool:
        """Return whether the store's own checksum of a file, if it has one, is that of a copy."""
        del file, copy
        return True

    def mode(self, file: RemoteFile) -> int:
        """Return the bits that let a file be executed."""
        del file
        return 0

    def explain(self, error: BaseException) -> str:
        """Return what failed, and what to do next."""
        if isinstance(error, OSError) and error.strerror:
            about = f"{error.filename}: " if error.filename else ""
            return f"{about}{error.strerror}. {DISK_REMEDIES.get(error.errno or 0, '')}".strip()
        return f"{format_error(error).rstrip('.')}."


class Bucket(Store):
    """The objects below a prefix, through obstore, which tries again what may pass.

    Args:
        store: The bucket.
        uri: `scheme://bucket/prefix`, or the URI of one object.
        credentials: What to do when no credentials are found.

    """

    # What its keys cannot hold.
    unsafe = UNSAFE

    def __init__(self, store: Any, uri: str, credentials: str) -> None:
        self.store, self.credentials = store, credentials
        self.name, self.prefix = split_uri(uri)
        # What is sent is held in memory, so that few at a time are large.
        self.large = threading.Semaphore(2)

    def files(self) -> Iterator[RemoteFile]:
        """Yield the objects below the prefix, or the object that has it as its key."""
        objects = self.objects()
        for meta in objects:
            # The mark of the folder itself has no name below it.
            if path := meta["path"].removeprefix(self.prefix).strip("/"):
                yield remote_file(path, meta)
            elif meta["size"]:
                raise ContainerError(marked(meta["path"]))
        if meta := self.head(may_be_hidden=bool(objects)):
            if any(meta["path"] != self.prefix for meta in objects):
                raise ContainerError(both(self.prefix))
            yield remote_file(self.prefix.rpartition("/")[2], meta)

    def is_file(self) -> bool:
        """Return whether the prefix is the key of an object that has content."""
        return bool(self.head(may_be_hidden=True))

    def head(self, *, may_be_hidden: bool) -> Any:
        """Return what the object is whose key is the prefix, if it is more than the mark of one."""
        import obstore
        from obstore.exceptions import PermissionDeniedError

        # The rights to a folder's files need not include its own key.
        with suppress(FileNotFoundError, *([PermissionDeniedError] if may_be_hidden else [])):
            if self.prefix and (meta := obstore.head(self.store, self.prefix))["size"]:
                return meta
        return None

    def check_form(self, path: str) -> None:
        """Raise if the store would not take the key."""
        self.key(path)

    def find_conflict(self, names: Set[str], folders: Set[str]) -> str | None:
        """Return the key of an object that is in the way."""
        from obstore.exceptions import BaseError

        try:
            objects = self.objects()
        except BaseError as error:
            # One may write without listing; and a key that is not a path is in nobody's way.
            if "status code: 403" in str(error) or ODD_KEY.search(str(error)):
                return None
            raise
        for meta in objects:
            path = PurePosixPath(meta["path"].removeprefix(self.prefix).strip("/"))
            # An empty one may be the mark of the folder.
            if (meta["size"] and str(path) in folders) or any(
                str(parent) in names for parent in path.parents
            ):
                return str(meta["path"])
        return None

    def objects(self) -> list[Any]:
        """List what is below the prefix; obstore itself does not repeat an answer that was cut."""
        import obstore
        from obstore.exceptions import GenericError

        for is_last in (False, False, True):
            try:
                pages = obstore.list(self.store, self.prefix or None, chunk_size=1000)
                return [meta for page in pages for meta in page]
            except GenericError as error:
                if is_last or "list response body" not in str(error):
                    raise
        raise AssertionError

    def read(self, file: RemoteFile, start: int, stop: int) -> Iterator[bytes]:
        """Yield a range of the object, of the very content that was listed."""
        import obstore

        options: Any = {"if_match": file.etag} if file.etag and file.size else {}
        if stop - start < file.size:
            options["range"] = (start, stop)
        try:
            yield from obstore.get(self.store, file.key, options=options).stream(CHUNK)
        except FileNotFoundError as error:
            # Listed without its slash. An empty one only marks a folder.
            if file.size:
                raise ContainerError(marked(file.key)) from error
            raise

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Put an object, a large one in parts."""
        import obstore

        def chunks() -> Iterator[bytes]:
            with source.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
                    advance(len(chunk))

        size = source.stat().st_size
        # S3 and Google take at most 10,000 parts.
        part = max(2**23, -(-size // 9_000))
        with self.large if size > 2**20 else nullcontext():
            content = chunks() if size > part else b"".join(chunks())
            obstore.put(self.store, self.key(path), content, chunk_size=part, max_concurrency=4)

    def delete(self, path: str) -> None:
        """Delete an object."""
        import obstore

        with suppress(FileNotFoundError):
            obstore.delete(self.store, self.key(path))

    def key(self, path: str) -> str:
        """Return the key of a path below the URI."""
        return check_key("/".join(filter(None, [self.prefix, path])), self.unsafe)

    def explain(self, error: BaseException) -> str:
        """Return what the store answered in one line, and what to do next."""
        text, _, debug = str(error).partition("\n\nDebug source")
        if key := ODD_KEY.search(text):
            return f"the key {key[1]!r} is not a path. Rename it."
        if not debug:
            return super().explain(error)
        if "UnknownIssuer" in debug:
            return (
                "its certificate is of an authority that is not trusted here, such as that of a "
                "proxy. Name a file with the authority's certificate in SSL_CERT_FILE."
            )
        # Only the platforms' own services for credentials have such addresses.
        if re.search("//169[.]254[.]|token request|credential provider", text):
            return f"no credentials were found. {self.credentials}"
        # What precedes the dash is the address of the request, which may hold a signature.
        reason = " ".join(text.rpartition(" - ")[2].split()).rstrip(":")
        if answer := re.search(r"<Code>(.+?)</Code>.*?<Message>(.*?)</Message>", reason):
            reason = f"{answer[1]}: {answer[2]}"
        if cause := re.search(r'message: "([^"]+)"|kind: (Timeout|Interrupted)', debug):
            reason = f"{reason} ({cause[1] or cause[2]})"
        status = re.search(r"status code: (\d{3})", text)
        return f"{reason.rstrip('.')}. {self.remedy(int(status[1]) if status else 0, text)}"

    def remedy(self, status: int, text: str) -> str:
        """Return what to do about an answer; 0 means that there was none."""
        del text
        unavailable = "It was tried again and again: is the store up, and reachable?"
        return REMEDIES.get(status, "" if 400 <= status < 500 else unavailable)


class Directory(Store):
    """A file or a directory of this machine or of a volume, by its path or a `file://` URI."""

    def __init__(self, uri: str) -> None:
        self.path = local_path(uri)

    def files(self) -> Iterator[RemoteFile]:
        """Yield the file at the path, or all files below it."""
        single = self.path.is_file()
        for path in [self.path] if single else walk(self.path):
            name = path.name if single else path.relative_to(self.path).as_posix()
            with error_context(str(path)):
                check_file(path)
            facts = path.stat()
            yield RemoteFile(name, str(path), facts.st_size, facts.st_mtime)

    def is_file(self) -> bool:
        """Return whether the path is a file."""
        return self.path.is_file()

    def check_form(self, path: str) -> None:
        """Raise if a part of the path is too long, or is a file."""
        with suppress(FileNotFoundError, PermissionError):
            (self.path / path).lstat()

    def find_conflict(self, names: Set[str], folders: Set[str]) -> str | None:
        """Return the path that is in the way; others may write there at the same time."""
        taken = [name for name in sorted(folders) if is_file(self.path / name)]
        taken += [name for name in sorted(names) if is_dir(self.path / name)]
        return str(self.path / taken[0]) if taken else None

    def read(self, file: RemoteFile, start: int, stop: int) -> Iterator[bytes]:
        """Yield a part of a file."""
        with Path(file.key).open("rb") as content:
            content.seek(start)
            while chunk := content.read(min(CHUNK, stop - content.tell())):
                yield chunk

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Copy a file under a temporary name, then rename it."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.stat().st_size > shutil.disk_usage(target.parent).free:
            # Else it would fill the space in which smaller files fit.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        partial = partial_of(target)
        try:
            with source.open("rb") as content, partial.open("wb") as copy:
                while chunk := content.read(CHUNK):
                    advance(copy.write(chunk))
            # Some volumes have no modes.
            with suppress(PermissionError):
                shutil.copymode(source, partial)
            partial.replace(target)
        finally:
            # Half a file must not keep a full disk full.
            partial.unlink(missing_ok=True)

    def delete(self, path: str) -> None:
        """Remove a file."""
        (self.path / path).unlink(missing_ok=True)

    def mode(self, file: RemoteFile) -> int:
        """Return the bits that let a file be executed."""
        return Path(file.key).stat().st_mode & 0o111


def remote_file(path: str, meta: Any) -> RemoteFile:
    """Return what obstore describes."""
    modified = meta["last_modified"].timestamp()
    return RemoteFile(path, meta["path"], meta["size"], modified, meta["e_tag"] or "")


def partial_of(target: Path) -> Path:
    """Return the name that a file has until it is whole: short, and the same at each start."""
    digest = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
    return target.with_name(f".{digest}.partial")


def is_partial(path: Path) -> bool:
    """Return whether a file is still being written, by us or in the same way by a trainer."""
    return path.name.startswith(".") and path.suffix == ".partial"
