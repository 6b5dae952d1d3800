"""URIs, keys and files: which key a file has, and which file a key is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.lifecycle import ContainerError
from container.lifecycle.storage.objects import ObjectStore, split_uri
from container.lifecycle.storage.stores import Advance, RemoteFile, Write

SEGMENT = st.text(st.characters(exclude_characters="/", codec="utf-8"), min_size=1, max_size=8)
PATH = st.lists(SEGMENT, min_size=1, max_size=4).map("/".join)


class Prefix(ObjectStore):
    """A prefix without a server."""

    def files(self) -> None:  # type: ignore[override]
        """List nothing."""

    def read(self, file: RemoteFile, start: int, stop: int, write: Write) -> None:
        """Read nothing."""

    def save(self, source: object, path: str, advance: Advance) -> None:
        """Save nothing."""

    def delete(self, path: str) -> None:
        """Delete nothing."""


@given(prefix=st.one_of(st.just(""), PATH), path=PATH)
def test_key_is_the_file_again(prefix: str, path: str) -> None:
    """The key of a path below any URI is the file at that path."""
    store = Prefix(f"s3://bucket/{prefix}")

    file = store.file(store.key_of(path), 1, 2.0, "md5")

    assert file == RemoteFile(path, store.key_of(path), 1, 2.0, "md5")
    assert store.found


@pytest.mark.parametrize(
    ("key", "path", "found"),
    [
        ("a/train/1", "1", True),
        ("a/train", "train", True),
        ("a/train/", None, True),
        ("a/train/empty/", None, True),
        ("a/training/1", None, False),
        ("b/a/train/1", None, False),
        ("a/train//1", "/1", True),
    ],
)
def test_file_of_a_key(key: str, path: str | None, *, found: bool) -> None:
    """Namesakes are not below the prefix; marks of folders are, and are no files."""
    store = Prefix("s3://bucket/a/train")

    file = store.file(key, 1, 2.0)

    assert (file.path if file else None) == path
    assert store.found is found


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://bucket", ("bucket", "")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://bucket/a/b/", ("bucket", "a/b")),
        ("gs://bucket/a?b#c", ("bucket", "a?b#c")),
        ("az://container/a%20b", ("container", "a%20b")),
    ],
)
def test_split(uri: str, parts: tuple[str, str]) -> None:
    """A URI is bucket and key; no character of a key has a meaning."""
    assert split_uri(uri) == parts


@pytest.mark.parametrize("uri", ["s3://", "s3:///data", "s3:data", "s3://user:password@bucket/a"])
def test_no_bucket(uri: str) -> None:
    """A URI without a bucket is refused with the form that it should have."""
    with pytest.raises(ContainerError, match="s3://BUCKET/PREFIX"):
        split_uri(uri)
