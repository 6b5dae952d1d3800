"""Channels on Google Cloud Storage: Google's own client against an emulator of the service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gcp_storage_emulator import server as emulator
from google.cloud import storage

from container.lifecycle import ContainerError, GCPEnvironment
from container.lifecycle.gcp import storage_client
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
def gcp(tmp_path: Path) -> GCPEnvironment:
    """Return an environment without variables of its own."""
    return GCPEnvironment(tmp_path / "ml", {})


def put(bucket: Any, *keys: str) -> None:
    """Store an object at each key that holds the key itself."""
    for key in keys:
        bucket.blob(key).upload_from_string(key.encode())


def tree(directory: Path) -> dict[str, bytes]:
    """Return the files below a directory and what they hold."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize(("uri", "root"), [("a/b/", "a/b/"), ("a/b/1", "a/b/"), ("", "")])
def test_download(uri: str, root: str, bucket: Any, gcp: GCPEnvironment, tmp_path: Path) -> None:
    """A prefix is a directory, a key is a file; namesakes and markers do not come along."""
    put(bucket, *KEYS)
    bucket.blob("a/b/marker/").upload_from_string(b"")

    gcp.download(f"gs://bucket/{uri}", tmp_path / "channel")

    expected = {key.removeprefix(root): key.encode() for key in KEYS if key.startswith(uri)}
    assert tree(tmp_path / "channel") == expected


@pytest.mark.usefixtures("bucket")
def test_upload_comes_back(gcp: GCPEnvironment, tmp_path: Path) -> None:
    """What was uploaded, twice, is downloaded the same: unusual names, large and empty files."""
    for name, content in FILES.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(content)

    for _ in range(2):
        gcp.upload(tmp_path / "model", "gs://bucket/runs 1/é?x#y%20/")
    gcp.download("gs://bucket/runs 1/é?x#y%20", tmp_path / "channel")

    assert tree(tmp_path / "channel") == FILES


def test_nothing_at_the_uri(bucket: Any, gcp: GCPEnvironment, tmp_path: Path) -> None:
    """A prefix without objects is an error, even where another begins like it."""
    put(bucket, "training/1")

    with pytest.raises(ContainerError, match="gs://bucket/train holds no objects"):
        gcp.download("gs://bucket/train", tmp_path / "channel")


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


def test_credentials_without_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person's own sign-in leaves names no project, and objects need none."""
    person = {"type": "authorized_user", "client_id": "x", "client_secret": "x"}
    (tmp_path / "adc.json").write_text(json.dumps({**person, "refresh_token": "x"}), "utf-8")
    for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "adc.json"))

    assert storage_client().project is None
