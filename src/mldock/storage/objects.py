"""What the object stores share: a prefix of keys is a tree of files."""

from __future__ import annotations

from urllib.parse import urlsplit

from mldock.errors import ContainerError
from mldock.storage.stores import PART, RemoteFile, Store


class ObjectStore(Store):
    """A prefix of a bucket: keys with slashes are a tree of files."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.bucket, self.prefix = split_uri(uri)

    def part_size(self, file: RemoteFile) -> int:
        """Return how many bytes are to be read at once."""
        del file
        return PART

    def key_of(self, path: str) -> str:
        """Return the key of a path below the URI."""
        return "/".join(filter(None, [self.prefix, path]))

    def file(self, key: str, size: int, modified: float, md5: str = "") -> RemoteFile | None:
        """Return the file that an object is; None for a mark of a folder, or a namesake."""
        path = key.removeprefix(self.prefix).removeprefix("/") if self.prefix else key
        if self.prefix and key != self.prefix and not key.startswith(f"{self.prefix}/"):
            return None
        self.found = True
        if key.endswith("/"):
            return None
        return RemoteFile(path or key.rpartition("/")[2], key, size, modified, md5)


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of `scheme://bucket/key`; the key has no slash at either end."""
    # No character of a key has a meaning, so this is not urlsplit's work.
    bucket, _, key = uri.partition("://")[2].partition("/")
    # No bucket's name has an @: before it would be a password, which no message may repeat.
    if not bucket or "@" in bucket:
        raise ContainerError(
            f"{uri} names no bucket. Write {urlsplit(uri).scheme}://BUCKET/PREFIX."
        )
    return bucket, key.strip("/")
