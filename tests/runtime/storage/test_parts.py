"""Large objects move in parts, and their checksum is one of parts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from s3transfer.utils import ChunksizeAdjuster  # type: ignore[import-untyped]

from container.lifecycle import ContainerError, aws
from container.lifecycle.storage import incoming, stores
from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import BUCKET, fetch, finals, keep, make_tree, tree

MIB = 2**20
CONTENT = hashlib.shake_256(b"seed").digest(11 * MIB)


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file of a few megabytes be a large one."""
    for module in (incoming, stores):
        monkeypatch.setattr(module, "PART", 4 * MIB)
    monkeypatch.setattr("container.lifecycle.storage.objects.PART", 4 * MIB)
    monkeypatch.setattr(aws, "SINGLE_UPLOAD", 6 * MIB)


def put_in_parts(s3: Any, key: str, *sizes: int) -> str:
    """Store the content in parts of such sizes, and return the ETag."""
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    place = {"Bucket": BUCKET, "Key": key, "UploadId": upload}
    parts, start = [], 0
    for number, size in enumerate(sizes, 1):
        body = CONTENT[start : start + size]
        tag = s3.upload_part(PartNumber=number, Body=body, **place)["ETag"]
        parts.append({"PartNumber": number, "ETag": tag})
        start += size
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **place)
    return str(s3.head_object(Bucket=BUCKET, Key=key)["ETag"])


def test_large_file_goes_and_comes_in_parts(
    proxy: Proxy,
    low: None,  # noqa: ARG001
    s3: Any,
    tmp_path: Path,
) -> None:
    """Each way takes several requests, and the content is the same."""
    make_tree(tmp_path / "model", {"weights": CONTENT})

    keep(tmp_path / "model", "s3://bucket/m")
    fetch("s3://bucket/m", tmp_path / "channel")

    assert s3.head_object(Bucket=BUCKET, Key="m/weights")["ETag"].endswith('-2"')
    assert proxy.count("partNumber=1") >= 1
    assert proxy.count("PUT /bucket/m/weights?") == 2
    assert proxy.count("GET /bucket/m/weights") >= 2
    assert tree(tmp_path / "channel") == {"weights": CONTENT}


def test_single_upload_comes_in_parts(
    proxy: Proxy,
    low: None,  # noqa: ARG001
    s3: Any,
    tmp_path: Path,
) -> None:
    """An object that was stored at once is read side by side, and its MD5 is of the whole."""
    s3.put_object(Bucket=BUCKET, Key="p/x", Body=CONTENT)

    fetch("s3://bucket/p", tmp_path)

    assert proxy.count("GET /bucket/p/x") == 3
    assert tree(tmp_path) == {"x": CONTENT}


@pytest.mark.parametrize("sizes", [(5, 6), (6, 5), (11,), (5, 5, 1), (6, 5, 0.5)])
@pytest.mark.parametrize("part", [4, 32])
def test_any_parts_are_accepted(
    sizes: tuple[float, ...], part: int, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the parts were, what is right is not taken for wrong."""
    monkeypatch.setattr(incoming, "PART", part * MIB)
    tag = put_in_parts(s3, "p/x", *[int(size * MIB) for size in sizes])

    fetch("s3://bucket/p", tmp_path)

    assert tag.endswith(f'-{len(sizes)}"')
    assert (tmp_path / "x").read_bytes() == CONTENT[: int(sum(sizes) * MIB)]


@pytest.mark.parametrize("sizes", [(5 * MIB, 5 * MIB, MIB), (6 * MIB, 5 * MIB), (MIB,)])
def test_wrong_part_is_found(sizes: tuple[int, ...], proxy: Proxy, s3: Any, tmp_path: Path) -> None:
    """Where the parts are known, one byte that differs is found by their checksum."""
    put_in_parts(s3, "p/x", *sizes)
    proxy.only, proxy.always = "GET /bucket/p/x", Fault(corrupt=True)

    with pytest.raises(ContainerError, match="p/x came otherwise than it was stored"):
        fetch("s3://bucket/p", tmp_path)

    assert finals(tmp_path) == {}


def test_wrong_content_is_found(proxy: Proxy, s3: Any, tmp_path: Path) -> None:
    """One byte that differs is found by the MD5 of the whole."""
    s3.put_object(Bucket=BUCKET, Key="p/x", Body=b"12345")
    proxy.only, proxy.always = "GET /bucket/p/x", Fault(corrupt=True)

    with pytest.raises(ContainerError, match="p/x came otherwise than it was stored"):
        fetch("s3://bucket/p", tmp_path)

    assert finals(tmp_path) == {}


def test_parts_of_60_gigabytes_are_few_enough(s3: Any) -> None:
    """S3 takes 10,000 parts of an object: of a very large one they are larger."""
    del s3
    config = aws.S3Store("s3://bucket/p").uploads.config
    for size in (60 * 10**9, 5 * 10**12):
        chunk = ChunksizeAdjuster().adjust_chunksize(config.multipart_chunksize, size)
        assert size / chunk < 10_000
