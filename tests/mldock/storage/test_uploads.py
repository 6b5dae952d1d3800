"""Uploads and their manifest: whether what lies there is all of it, and the same."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from mldock import ContainerError, manifest
from mldock.manifest import MANIFEST

from tests.mldock.proxy import Fault, Proxy
from tests.mldock.storage.tools import BUCKET, fetch, finals, keep, make_tree, tree

FILES = {"a": b"one", "deep/b": b"two"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a directory with two files."""
    return make_tree(tmp_path / "model", FILES)


def test_manifest_is_the_first_and_the_last(proxy: Proxy, model: Path) -> None:
    """It is stored before the files, to say that it is not complete, and after them."""
    keep(model, "s3://bucket/m")

    puts = [
        request.partition("?")[0].rpartition("/")[2]
        for request in proxy.requests
        if "PUT" in request
    ]
    assert puts[0] == puts[-1] == MANIFEST
    assert sorted(puts[1:-1]) == ["a", "b"]


def test_cut_upload_is_refused(proxy: Proxy, s3: Any, model: Path, tmp_path: Path) -> None:
    """What an upload that failed has left is not taken for all of it, until one succeeds."""
    keep(model, "s3://bucket/m")
    proxy.only, proxy.always = "PUT /bucket/m/deep/b", Fault(403, "AccessDenied")
    with pytest.raises(ContainerError, match="deep/b: AccessDenied"):
        keep(model, "s3://bucket/m")

    stored = json.loads(s3.get_object(Bucket=BUCKET, Key=f"m/{MANIFEST}")["Body"].read())
    assert stored["complete"] is False
    with pytest.raises(ContainerError, match="its upload has not ended"):
        fetch("s3://bucket/m", tmp_path / "channel")
    assert not (tmp_path / "channel").exists()

    proxy.always = Fault()
    keep(model, "s3://bucket/m")
    fetch("s3://bucket/m", tmp_path / "channel")
    assert tree(tmp_path / "channel") == FILES


def test_missing_file_is_refused(model: Path, tmp_path: Path) -> None:
    """A file that the manifest lists must be there."""
    keep(model, str(tmp_path / "kept"))
    (tmp_path / "kept" / "deep" / "b").unlink()

    with pytest.raises(ContainerError, match=r"deep/b is missing, which .* lists"):
        fetch(str(tmp_path / "kept"), tmp_path / "channel")


def test_replaced_file_is_accepted(
    s3: Any, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was put there later is what its owner wants."""
    # As if a second had gone by.
    monkeypatch.setattr(manifest, "CLOCK", -1.0)
    keep(model, "s3://bucket/m")
    s3.put_object(Bucket=BUCKET, Key="m/a", Body=b"ONE")

    fetch("s3://bucket/m", tmp_path / "channel")

    assert tree(tmp_path / "channel") == FILES | {"a": b"ONE"}


@pytest.mark.parametrize("content", [b"ONE", b"longer"])
def test_other_content_is_refused(content: bytes, model: Path, tmp_path: Path) -> None:
    """What a disk or a store has changed is found by the checksum of the manifest."""
    keep(model, str(tmp_path / "kept"))
    changed = tmp_path / "kept" / "a"
    facts = changed.stat()
    changed.write_bytes(content)
    os.utime(changed, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    with pytest.raises(ContainerError, match="a: it is not what was stored"):
        fetch(str(tmp_path / "kept"), tmp_path / "channel")

    assert "a" not in finals(tmp_path / "channel")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff"])
def test_manifest_that_is_none(content: bytes, model: Path, tmp_path: Path) -> None:
    """A file of that name that holds something else is told, with what to do."""
    (model / MANIFEST).write_bytes(content)

    with pytest.raises(ContainerError, match=r"is not the manifest of an upload\. Delete it"):
        fetch(str(model), tmp_path / "channel")


def test_uploads_of_several_hosts(model: Path, tmp_path: Path) -> None:
    """Each upload below a URI has its manifest, and none is fetched as a file."""
    # A directory that was itself an upload gets a manifest of its own.
    (model / MANIFEST).write_text('{"complete": true, "files": {"gone": {"size":1,"crc32":1}}}')
    keep(model, str(tmp_path / "kept"))
    keep(model, str(tmp_path / "kept" / "host-2"))

    fetch(str(tmp_path / "kept"), tmp_path / "channel")

    assert set(tree(tmp_path / "channel")) == {"a", "deep/b", "host-2/a", "host-2/deep/b"}


def test_files_that_cannot_be_stored(proxy: Proxy, s3: Any, tmp_path: Path) -> None:
    """The others are stored, but no half file; three are named, and all are counted."""
    files = ["a", "b", *(f"c{number}" for number in range(5)), "sum.partial"]
    make_tree(tmp_path, {name: name.encode() for name in [*files, ".x.partial"]})
    proxy.only, proxy.always = "PUT /bucket/m/c", Fault(403, "AccessDenied")

    with pytest.raises(ContainerError) as caught:
        keep(tmp_path, "s3://bucket/m")

    assert re.fullmatch(r"(c\d: AccessDenied[^\n]*; ){3}and 2 more", str(caught.value))
    stored = {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert stored == {f"m/{name}" for name in ("a", "b", "sum.partial", MANIFEST)}


def test_name_that_is_no_text(tmp_path: Path) -> None:
    """A name that no store and no manifest can hold is told; the others are stored."""
    make_tree(tmp_path / "model", {"a": b"1"})
    (tmp_path / "model" / os.fsdecode(b"\xff")).write_bytes(b"2")

    with pytest.raises(ContainerError, match=r"is not a name in UTF-8\. Rename the file"):
        keep(tmp_path / "model", str(tmp_path / "kept"))

    assert set(tree(tmp_path / "kept")) == {"a", MANIFEST}
