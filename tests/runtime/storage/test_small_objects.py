"""The short way to small objects: the same content and the same errors as by the SDK's call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from container.lifecycle import AWSEnvironment, ContainerError
from container.lifecycle.aws import S3Store
from container.lifecycle.storage.downloads import download
from tests.runtime.proxy import Fault, Proxy


@pytest.fixture
def stored(s3: Any) -> dict[str, bytes]:
    """Store small objects, with names that have to be quoted in a URL."""
    content = {name: name.encode() for name in ("a", "b c", "d/é?#%20+&", "empty")} | {"empty": b""}
    for name, body in content.items():
        s3.put_object(Bucket="bucket", Key=f"p/{name}", Body=body)
    return content


def read(store: S3Store) -> dict[str, bytes]:
    """Return what a store reads of its files."""
    found = {}
    for file in store.files():
        parts: list[bytes] = []
        store.read(file, 0, file.size, parts.append)
        found[file.path] = b"".join(parts)
    return found


def test_same_content(stored: dict[str, bytes]) -> None:
    """Signed URLs lead to the objects, whatever their names."""
    store = S3Store("s3://bucket/p")

    assert read(store) == stored
    assert store.small.usable


@pytest.mark.parametrize("fault", [Fault(500), Fault(403, "AccessDenied")])
def test_fault_leads_to_the_sdk(stored: dict[str, bytes], proxy: Proxy, fault: Fault) -> None:
    """A store that does not take such URLs costs one request, not one for each object."""
    store = S3Store("s3://bucket/p")
    proxy.only, proxy.faults = "GET /bucket/p/", [fault]

    assert read(store) == stored
    assert not store.small.usable


def test_changed_object(s3: Any, stored: dict[str, bytes]) -> None:
    """What was written anew since the list was read is not taken for what was listed."""
    store = S3Store("s3://bucket/p")
    (file,) = [file for file in store.files() if file.path == "a"]
    s3.put_object(Bucket="bucket", Key="p/a", Body=b"z")
    del stored

    with pytest.raises(Exception, match="PreconditionFailed"):
        store.read(file, 0, file.size, lambda _: None)


def test_signature_is_not_told(
    stored: dict[str, bytes], proxy: Proxy, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A URL that opens an object is in no message, were it for a minute."""
    del stored
    caplog.set_level("DEBUG")
    proxy.only, proxy.always = "GET /bucket/p/", Fault(403, "AccessDenied")

    with pytest.raises(ContainerError) as caught:
        download(AWSEnvironment(tmp_path, {}).store_of("s3://bucket/p"), tmp_path / "x", "T")

    assert "AccessDenied" in str(caught.value)
    assert "X-Amz-Signature" not in str(caught.value)


def test_put(s3: Any, account: None, tmp_path: Path) -> None:
    """What is stored so is what the SDK would store."""
    del account
    store = S3Store("s3://bucket/p")
    names = ["a", "b c", "d/é?#%20+&", "empty"]
    for name in names:
        (tmp_path / "file").write_bytes(name.encode() if name != "empty" else b"")
        store.save(tmp_path / "file", name, lambda _: None)

    assert store.small.usable
    found = {name: s3.get_object(Bucket="bucket", Key=f"p/{name}")["Body"].read() for name in names}
    assert found == {name: name.encode() for name in names} | {"empty": b""}


def test_put_that_is_refused(s3: Any, proxy: Proxy, tmp_path: Path) -> None:
    """It is the SDK that stores it then, and one request that was in vain."""
    store = S3Store("s3://bucket/p")
    proxy.only, proxy.faults = "PUT /bucket/p/", [Fault(400, "BadDigest")]
    (tmp_path / "file").write_bytes(b"content")
    store.save(tmp_path / "file", "a", lambda _: None)

    assert not store.small.usable
    assert s3.get_object(Bucket="bucket", Key="p/a")["Body"].read() == b"content"
