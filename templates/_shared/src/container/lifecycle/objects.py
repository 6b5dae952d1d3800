"""What the three object stores share: a tree of files against a prefix of keys."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from container.lifecycle.errors import ContainerError

log = logging.getLogger(__name__)


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of `scheme://bucket/key`; the key has no slash at either end."""
    # No character of a key has a meaning, so this is not urlsplit's work.
    bucket, _, key = uri.partition("://")[2].partition("/")
    if not bucket:
        scheme = urlsplit(uri).scheme
        raise ContainerError(f"{uri} names no bucket. Write {scheme}://BUCKET/PREFIX.")
    return bucket, key.strip("/")


def download_objects(
    uri: str, keys: Iterable[str], directory: Path, fetch: Callable[[str, Path], object]
) -> None:
    """Fetch the objects whose key is the URI's or lies below it, keeping the tree of keys.

    Each file is written under a temporary name and renamed when whole, so that a cut connection
    never leaves half a file.

    Raises:
        ContainerError: Nothing lies at the URI, or a key would leave the directory.

    """
    prefix = split_uri(uri)[1]
    count = 0
    for key in keys:
        if key.endswith("/") or not (key == prefix or not prefix or key.startswith(f"{prefix}/")):
            continue
        relative = key.removeprefix(prefix).lstrip("/") or Path(key).name
        target = directory / relative
        # A lone dot would be the channel itself, its partial file beside it.
        if ".." in Path(relative).parts or not Path(relative).parts:
            raise ContainerError(f"{uri}: the key {key!r} leaves the channel. Rename the object.")
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        fetch(key, partial)
        partial.replace(target)
        count += 1
    if count == 0:
        raise ContainerError(f"{uri} holds no objects. Correct the channel, or upload the data.")
    log.info("%s: %d objects", uri, count)


def files_to_upload(directory: Path, uri: str) -> Iterator[tuple[Path, str]]:
    """Yield each file below `directory` with the key it gets under the URI."""
    prefix = split_uri(uri)[1]
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            yield path, "/".join(filter(None, [prefix, path.relative_to(directory).as_posix()]))
