"""Channels on Google Cloud Storage: Google's own client against an emulator of the service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gcp_storage_emulator import server as emulator
from google.cloud import storage

from container.lifecycle import ContainerError
from container.lifecycle.gcp import GCSStore, storage_client
from container.lifecycle.storage import incoming, objects
from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import fetch, keep, make_tree, tree
from tests.runtime.workspace import Workspace

KEYS = ["a/b/1", "a/b/deep/2", "a/b3"]
# What is unusual in names and sizes: above 8 MiB the client sends several requests.
FILES = {
    "weights.bin": bytes(range(256)) * 2**15 + b"end",
    "deep/er/metrics.json": b"{}",
    "a b?x=1#é%20.txt": b"\x00\xff",
    "100% +&;漢": b"names",
    ".hidden": b".",
    "empty": b"",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """Return the emulator, at a port that the machine chose."""
    with emulator.create_server("localhost", 0, in_memory=True) as server:
        yield server


@pytest.fixture
def bucket(server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return an empty bucket; the environment of the test names its service."""
    port = server._api._httpd.server_address[1]
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://localhost:{port}")
    with storage.Client() as client:
        yield client.create_bucket("bucket")
    server.wipe()


@pytest.fixture
def proxy(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Return a proxy before the service; the environment of the test names it."""
    proxy = Proxy(bucket.client._connection.API_BASE_URL)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.url)
    yield proxy
    proxy.close()


def put(bucket: Any, *keys: str) -> None:
    """Store an object at each key that holds the key itself."""
    for key in keys:
        bucket.blob(key).upload_from_string(key.encode())


@pytest.mark.parametrize(("uri", "root"), [("a/b/", "a/b/"), ("a/b/1", "a/b/"), ("", "")])
def test_download(uri: str, root: str, bucket: Any, tmp_path: Path) -> None:
    """A prefix is a directory, a key is a file; namesakes and markers do not come along."""
    put(bucket, *KEYS)
    bucket.blob("a/b/marker/").upload_from_string(b"")

    fetch(f"gs://bucket/{uri}", tmp_path / "channel")

    expected = {key.removeprefix(root): key.encode() for key in KEYS if key.startswith(uri)}
    assert tree(tmp_path / "channel") == expected


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("part", [2**20, 2**25])
def test_upload_comes_back(part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was uploaded, twice, is downloaded the same: unusual names, large and empty files."""
    for module in (incoming, objects):
        monkeypatch.setattr(module, "PART", part)
    make_tree(tmp_path / "model", FILES)

    for _ in range(2):
        keep(tmp_path / "model", "gs://bucket/runs 1/é?x#y%20/")
    fetch("gs://bucket/runs 1/é?x#y%20", tmp_path / "channel")

    assert tree(tmp_path / "channel") == FILES


def test_nothing_at_the_uri(bucket: Any, tmp_path: Path) -> None:
    """Where all was deleted, were it twice, is nothing, though another prefix begins like it."""
    put(bucket, "train/1", "training/1")
    for _ in range(2):
        GCSStore("gs://bucket/train").delete("1")

    with pytest.raises(ContainerError, match="nothing lies there"):
        fetch("gs://bucket/train", tmp_path / "channel")
    assert [blob.name for blob in bucket.list_blobs()] == ["training/1"]


def test_job(bucket: Any, workspace: Workspace) -> None:
    """A job reads its data from a bucket and keeps its model there."""
    put(bucket, "data/1.csv")
    workspace.write_trainer("""
        (environment.model_dir / "net").mkdir()
        (environment.channel("iris") / "1.csv").rename(environment.model_dir / "net" / "weights")
    """)

    run = workspace.train(
        MLDOCK_INPUT_CHANNEL_IRIS="gs://bucket/data",
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET="gs://bucket/runs/1",
    )

    assert run.process.returncode == 0, run.log
    assert bucket.blob("runs/1/weights").download_as_bytes() == b"data/1.csv"


def test_what_is_there_is_not_fetched(bucket: Any, proxy: Proxy, tmp_path: Path) -> None:
    """A second download fetches what has changed since, be it of the same size."""
    put(bucket, "a/1", "a/2")
    fetch("gs://bucket/a", tmp_path)
    assert proxy.count("GET /download") == 2
    bucket.blob("a/1").upload_from_string(b"new")

    fetch("gs://bucket/a", tmp_path)

    assert tree(tmp_path) == {"1": b"new", "2": b"a/2"}
    assert proxy.count("GET /download") == 3
    generation = bucket.get_blob("a/1").generation
    assert any(f"ifGenerationMatch={generation}" in request for request in proxy.requests)


def test_corrupted(bucket: Any, proxy: Proxy, tmp_path: Path) -> None:
    """What is not of the checksum that the bucket has is no file."""
    put(bucket, "a/1")
    proxy.only, proxy.always = "GET /download", Fault(corrupt=True)

    with pytest.raises(ContainerError, match="a/1 came otherwise than it was stored"):
        fetch("gs://bucket/a", tmp_path)

    assert not tree(tmp_path)


@pytest.mark.parametrize("fault", [Fault(cut=3), Fault(status=503), Fault(status=429)])
@pytest.mark.parametrize("only", ["bucket/o?", "GET /download", "POST", "PUT"])
def test_retries(only: str, fault: Fault, proxy: Proxy, tmp_path: Path) -> None:
    """A fault of a list, a read, a small and a large upload costs a second try."""
    make_tree(tmp_path / "model", {"weights": FILES["weights.bin"]})
    proxy.only, proxy.faults = only, [fault]

    keep(tmp_path / "model", "gs://bucket/a")
    fetch("gs://bucket/a", tmp_path / "channel")

    assert not proxy.faults
    assert tree(tmp_path / "channel") == {"weights": FILES["weights.bin"]}


@pytest.mark.parametrize(
    ("only", "status", "told"),
    [
        ("GET /storage/v1/b/bucket/o", 403, "403 Forbidden: .* lack the right"),
        ("GET /download/storage/v1/b/bucket", 412, "1: 412 Precondition .* start again"),
        ("GET /storage/v1/b/nothing/o", 0, r"404 Not Found\. .* create the bucket"),
    ],
)
def test_faults_that_stay(
    only: str, status: int, told: str, proxy: Proxy, bucket: Any, tmp_path: Path
) -> None:
    """What no second try can mend is told at once, in a line."""
    put(bucket, "a/1")
    proxy.only, proxy.always = only, Fault(status=status)

    with pytest.raises(ContainerError, match=rf"^{told}[^\n]*$"):
        fetch(f"gs://{only.split('/b/')[1].removesuffix('/o')}/a", tmp_path)

    assert proxy.count(only) == 1


def test_credentials(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's sign-in needs no project; where it is missing or refused, that is told at once."""
    person = {"type": "authorized_user", "client_id": "x", "client_secret": "x"}
    for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "adc.json"))
    monkeypatch.setattr("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", proxy.url)
    proxy.always = Fault(status=400)

    with pytest.raises(ContainerError, match=r"adc.json was not found\. Sign in with gcloud"):
        GCSStore("gs://bucket/a")
    (tmp_path / "adc.json").write_text(json.dumps({**person, "refresh_token": "x"}), "utf-8")
    assert storage_client().project is None
    with pytest.raises(ContainerError, match=r"RefreshError: .*Sign in with gcloud"):
        fetch("gs://bucket/a", tmp_path / "channel")

    # The client asks for the bucket too, of its own accord.
    assert proxy.count("POST") <= 2
