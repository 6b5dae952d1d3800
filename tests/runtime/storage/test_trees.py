"""Prefixes of keys are trees of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from container.lifecycle import ContainerError
from container.lifecycle.storage.manifest import MANIFEST
from tests.runtime.storage.tools import BUCKET, fetch, keep, make_tree, tree

LONG = "é" * 127 + "x"
NAMES = ["a b", "é ü", "50%", "a%20b", "a+b", "q?x=1", "h#1", ".hidden", "'\"&<>", LONG]


def put(s3: Any, *keys: str) -> None:
    """Store an object at each key that holds the key itself."""
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())


@pytest.mark.parametrize("uri", ["s3://bucket/a/train", "s3://bucket/a/train/"])
def test_prefix_is_a_directory(uri: str, s3: Any, tmp_path: Path) -> None:
    """What lies below the prefix comes with its tree; its namesakes and folder marks do not."""
    put(s3, "a/train/1.csv", "a/train/deep/er/2.csv", "a/training/3.csv", "b/4", "a/train/empty/")

    fetch(uri, tmp_path / "channel")

    assert tree(tmp_path / "channel") == {
        "1.csv": b"a/train/1.csv",
        "deep/er/2.csv": b"a/train/deep/er/2.csv",
    }


def test_single_object(s3: Any, tmp_path: Path) -> None:
    """A URI that is a key is one file, under its own name."""
    put(s3, "a/iris.csv", "a/iris.csv.bak")

    fetch("s3://bucket/a/iris.csv", tmp_path / "channel")

    assert tree(tmp_path / "channel") == {"iris.csv": b"a/iris.csv"}


def test_whole_bucket(s3: Any, tmp_path: Path) -> None:
    """A URI without a key is all of the bucket."""
    put(s3, "1.csv", "deep/2.csv")

    fetch("s3://bucket", tmp_path / "channel")

    assert set(tree(tmp_path / "channel")) == {"1.csv", "deep/2.csv"}


def test_unusual_names_come_back(s3: Any, tmp_path: Path) -> None:
    """No character has a meaning, and a name may be as long as a disk allows."""
    files = {name: name.encode() for name in NAMES} | {f"d/{name}/f": b"" for name in NAMES}
    make_tree(tmp_path / "model", files)

    keep(tmp_path / "model", "s3://bucket/runs/1?x +%20/")
    fetch("s3://bucket/runs/1?x +%20", tmp_path / "channel")

    assert tree(tmp_path / "channel") == files
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="runs/1?x +%20/")["KeyCount"]
    assert listed == len(files) + len([MANIFEST])


def test_empty_object(s3: Any, tmp_path: Path) -> None:
    """An object without content is a file without content."""
    s3.put_object(Bucket=BUCKET, Key="p/empty", Body=b"")

    fetch("s3://bucket/p", tmp_path / "channel")

    assert tree(tmp_path / "channel") == {"empty": b""}


def test_mark_of_a_folder_is_a_directory(s3: Any, tmp_path: Path) -> None:
    """An empty folder, as consoles make it, is there though it holds nothing."""
    put(s3, "p/")

    fetch("s3://bucket/p", tmp_path / "channel")

    assert list((tmp_path / "channel").iterdir()) == []


def test_nothing_at_the_uri(s3: Any, tmp_path: Path) -> None:
    """A prefix without objects is an error, even where another begins like it."""
    put(s3, "training/1.csv")

    with pytest.raises(ContainerError, match="nothing lies there"):
        fetch("s3://bucket/train", tmp_path / "channel")

    assert not (tmp_path / "channel").exists()


@pytest.mark.parametrize("key", ["p/../../escaped", "p/./x", "p//x", "p/a//b", "p/a/.."])
def test_key_must_be_a_path_below(key: str, s3: Any, tmp_path: Path) -> None:
    """A key that leaves the channel or names no file is refused before anything is written."""
    put(s3, "p/a-good-one", key)

    with pytest.raises(ContainerError, match="is no path below the channel's directory"):
        fetch("s3://bucket/p", tmp_path / "ml" / "channel")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", [("p/x", "p/x/y"), ("p", "p/p"), ("p", "p/y")])
def test_key_that_is_file_and_folder(keys: tuple[str, str], s3: Any, tmp_path: Path) -> None:
    """What no disk can hold is refused, and both keys are named."""
    put(s3, "p/x-and", *keys)

    with pytest.raises(ContainerError, match=f"{keys[0]!r} is a file, and a folder for '{keys[0]}"):
        fetch("s3://bucket/p", tmp_path / "channel")

    assert not (tmp_path / "channel").exists()


def test_name_that_is_too_long_for_the_disk(s3: Any, tmp_path: Path) -> None:
    """A key may be longer than a name on a disk: the remedy is to rename the object."""
    put(s3, f"p/{'x' * 256}")

    with pytest.raises(ContainerError, match="Give the object a shorter name"):
        fetch("s3://bucket/p", tmp_path / "channel")
