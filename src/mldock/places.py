"""What a place is, for reading and for writing alike: its URI, its keys and its files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from mldock.errors import ContainerError

# In bytes: of a key on S3 and Google (Azure counts characters), and of a file's name on Linux.
LONGEST_KEY, LONGEST_NAME = 1024, 255
# What obstore refuses, or the XML of a store's list cannot hold.
UNUSUAL = "\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff"
UNSAFE = re.compile(f"[{UNUSUAL}]")
# Blanks, also those without a width, belong to no place at its ends; control characters nowhere.
BLANKS = r"\s\u200b\u2060\ufeff"
NO_PLACE = re.compile(rf"\A[{BLANKS}'\"]|[{BLANKS}]\Z|[{UNUSUAL}\x80-\x9f\u2028\u2029]")


# With slots, a million of them fit into the memory of a small machine.
@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a store.

    Attributes:
        path: Where it belongs below the channel's directory, with slashes.
        key: What the store calls it.
        size: In bytes.
        modified: When it was written, in seconds since 1970.
        etag: What the store calls this version of its content, if it has a name for it.

    """

    path: str
    key: str
    size: int
    modified: float
    etag: str = ""


def check_place(uri: str) -> str:
    """Return a path or a URI as it is.

    Raises:
        ContainerError: It is one only after something has been removed from it.

    """
    if NO_PLACE.search(uri):
        bare = re.sub(rf"\A[{BLANKS}'\"]+|[{BLANKS}'\"]+\Z", "", uri)
        raise ContainerError(
            "there are quotes, blanks or control characters around it or in it, which "
            f"docker --env-file passes on as they are. Write {ascii(bare)[1:-1]} without them."
        )
    if uri.startswith("~"):
        raise ContainerError("nothing expands the ~ of a path here. Write the whole path.")
    return uri


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of `scheme://bucket/key`; the key has no slash at either end."""
    # No character of a key has a meaning, so urlsplit cannot be used.
    scheme, _, place = uri.partition("://")
    bucket, _, key = place.partition("/")
    # No bucket's name has an @: before it would be a password, which no message may repeat.
    if not bucket or "@" in bucket:
        raise ContainerError(f"the URI names no bucket. Write {scheme}://BUCKET/PREFIX.")
    key = key.strip("/")
    return bucket, check_key(key) if key else ""


def local_path(uri: str) -> Path:
    """Return the path that a plain path or a `file://` URI names."""
    if not uri.startswith("file:"):
        return Path(uri)
    parts = urlsplit(uri)
    if parts.netloc not in {"", "localhost"}:
        raise ContainerError(f"it names the host {parts.netloc!r}. Write file:///path.")
    return Path(unquote(parts.path))


def check_key(key: str, unsafe: re.Pattern[str] = UNSAFE) -> str:
    """Return a key, or refuse one that a store does not take, or does not give back."""
    if {"", ".", ".."}.intersection(key.split("/")):
        raise ContainerError(f"the key {key!r} is not a path. Rename it.")
    if found := unsafe.search(key):
        raise ContainerError(f"the key {key!r} has {found[0]!r}, which is not kept. Rename it.")
    if (size := len(key.encode())) > LONGEST_KEY:
        raise ContainerError(
            f"its key has {size:,} bytes, and a store takes {LONGEST_KEY:,}. "
            "Give the file or the place a shorter name."
        )
    return key


def check_files(files: Iterable[RemoteFile]) -> None:
    """Refuse files of a place that cannot be in one directory together."""
    files = list(files)
    folders = {folder for file in files for folder in PurePosixPath(file.path).parents}
    known = set[str]()
    for file in files:
        parts = file.path.split("/")
        if {"", ".", ".."}.intersection(parts):
            raise ContainerError(f"the key {file.key!r} is not a path. Rename it.")
        if max(len(os.fsencode(part)) for part in parts) > LONGEST_NAME:
            raise ContainerError(
                f"the key {file.key!r} has a part of more than {LONGEST_NAME} bytes, which no "
                "file can be called. Give the object a shorter name."
            )
        # An empty object may be the mark of a folder. One with content has the same path in a list.
        if file.size and (PurePosixPath(file.path) in folders or file.path in known):
            raise ContainerError(both(file.key))
        if file.size:
            known.add(file.path)


def both(key: str) -> str:
    """Say that a key has files below it."""
    return f"the key {key!r} is a file and a folder. Rename one of the objects."


def marked(key: str) -> str:
    """Say that the mark of a folder is more than that."""
    return (
        f"the key {f'{key}/'!r} marks a folder, and has content, for which a directory has no "
        "place. Copy it to another key, and delete it."
    )


def walk(directory: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Yield what is below a directory and is not a folder, or is one that cannot be entered.

    Links are followed, so that what a program finds here is what it finds where it is fetched.
    """
    if not directory.is_dir():
        return
    above |= {directory.resolve()}
    try:
        with os.scandir(directory) as entries:
            paths = sorted(Path(entry.path) for entry in entries)
    except OSError:
        # A file system's own, at the root of a volume.
        if directory.name != "lost+found":
            yield directory
        return
    for path in paths:
        if is_dir(path) and path.resolve() not in above:
            yield from walk(path, above)
        else:
            yield path


def check_file(path: Path) -> None:
    """Refuse what a walk has found and no store can hold.

    Raises:
        ContainerError: It is not a file that can be read; the message does not repeat the path.

    """
    if is_file(path):
        return
    if is_dir(path):
        reason = "the folder cannot be read, or is a link to one around it. Remove it, or the link."
    elif path.is_symlink():
        reason = "it is a link to what is not there. Remove it, or put the file there."
    elif os.path.lexists(path):
        reason = "it is neither a file nor a folder. Remove it, or make it elsewhere."
    else:
        reason = "it was removed in the meantime. Start again."
    raise ContainerError(reason)


def is_dir(path: Path) -> bool:
    """Return whether a path is a folder; one that may not be seen is none."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises then


def is_file(path: Path) -> bool:
    """Return whether a path is a file; one that may not be seen is none."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises then
