"""Uploads that fail in part, and disks that take no more."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from container.lifecycle import ContainerError
from container.lifecycle.storage.manifest import MANIFEST
from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import BUCKET, fetch, keep, make_tree, tree

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def manifest_of(s3: Any) -> Any:
    """Return the manifest of the upload."""
    return json.loads(s3.get_object(Bucket=BUCKET, Key=f"m/{MANIFEST}")["Body"].read())


def test_files_that_cannot_be_stored(proxy: Proxy, s3: Any, tmp_path: Path) -> None:
    """The others are stored; of those that could not be, three are named and all counted.

    A hidden .partial is half a file; a trainer's own file of that ending is a file.
    """
    files = ["a", "b", *(f"c{number}" for number in range(5)), "sum.partial"]
    make_tree(tmp_path, {name: name.encode() for name in [*files, ".x.partial"]})
    proxy.only, proxy.always = "PUT /bucket/m/c", Fault(403, "AccessDenied")

    with pytest.raises(ContainerError) as caught:
        keep(tmp_path, "s3://bucket/m")

    assert re.fullmatch(r"(c\d: AccessDenied[^\n]*; ){3}and 2 more", str(caught.value))
    stored = {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert stored == {f"m/{name}" for name in ("a", "b", "sum.partial", MANIFEST)}
    assert manifest_of(s3)["complete"] is False


def test_name_that_is_no_text(tmp_path: Path) -> None:
    """A name that no store and no manifest can hold is told; the others are stored."""
    make_tree(tmp_path / "model", {"a": b"1"})
    (tmp_path / "model" / os.fsdecode(b"\xff")).write_bytes(b"2")

    with pytest.raises(ContainerError, match=r"is no name in UTF-8\. Rename the file"):
        keep(tmp_path / "model", str(tmp_path / "kept"))

    assert set(tree(tmp_path / "kept")) == {"a", MANIFEST}


@needs_root
def test_download_to_a_small_disk(small_disk: Path, tmp_path: Path) -> None:
    """What cannot fit is refused before it is tried, with the room that there is."""
    make_tree(tmp_path / "data", {"big": bytes(3 * 2**20)})

    with pytest.raises(ContainerError, match=r"it has 3,145,728 bytes, and .* has room for"):
        fetch(str(tmp_path / "data"), small_disk / "channel")

    assert tree(small_disk) == {}


@needs_root
def test_upload_to_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """What fits is stored, what does not is listed, and nothing is there by half."""
    make_tree(tmp_path / "model", {"a": b"1", "big": bytes(3 * 2**20), "z": b"2"})

    with pytest.raises(ContainerError, match=r"^big: .*The disk is full") as caught:
        keep(tmp_path / "model", str(small_disk / "kept"))

    assert "\n" not in str(caught.value)
    there = tree(small_disk / "kept")
    assert {name for name in there if name != MANIFEST} <= {"a", "z"}
    assert json.loads(there[MANIFEST])["complete"] is False
