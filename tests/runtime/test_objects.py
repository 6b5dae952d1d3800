"""Trees of files against prefixes of keys, on a server that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from container.lifecycle import AWSEnvironment, ContainerError
from container.lifecycle.objects import download_objects, files_to_upload, split_uri


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Return the address of an S3 server."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of the server, which the environment of the test names; it is empty."""
    for name, value in {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="bucket")
    yield client
    for item in client.list_objects_v2(Bucket="bucket").get("Contents", ()):
        client.delete_object(Bucket="bucket", Key=item["Key"])
    client.delete_bucket(Bucket="bucket")


def put(s3: Any, *keys: str) -> None:
    """Store an object at each key that holds the key itself."""
    for key in keys:
        s3.put_object(Bucket="bucket", Key=key, Body=key.encode())


def tree(directory: Path) -> dict[str, str]:
    """Return the files below a directory and what they hold."""
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def aws(s3: Any, tmp_path: Path) -> AWSEnvironment:  # noqa: ARG001 - the server must be there
    """Return an environment whose S3 is the server."""
    return AWSEnvironment(tmp_path / "ml", {})


@pytest.mark.parametrize("uri", ["s3://bucket/a/train", "s3://bucket/a/train/"])
def test_prefix_is_a_directory(uri: str, s3: Any, aws: AWSEnvironment, tmp_path: Path) -> None:
    """What lies below the prefix comes with its tree; its namesakes and markers do not."""
    put(s3, "a/train/1.csv", "a/train/deep/2.csv", "a/training/3.csv", "b/4.csv", "a/train/empty/")

    aws.download(uri, tmp_path / "channel")

    assert tree(tmp_path / "channel") == {
        "1.csv": "a/train/1.csv",
        "deep/2.csv": "a/train/deep/2.csv",
    }


def test_single_object(s3: Any, aws: AWSEnvironment, tmp_path: Path) -> None:
    """A URI that is a key is one file, under its own name."""
    put(s3, "a/iris.csv", "a/iris.csv.bak")

    aws.download("s3://bucket/a/iris.csv", tmp_path / "channel")

    assert tree(tmp_path / "channel") == {"iris.csv": "a/iris.csv"}


def test_whole_bucket(s3: Any, aws: AWSEnvironment, tmp_path: Path) -> None:
    """A URI without a key is all of the bucket."""
    put(s3, "1.csv", "deep/2.csv")

    aws.download("s3://bucket", tmp_path / "channel")

    assert set(tree(tmp_path / "channel")) == {"1.csv", "deep/2.csv"}


def test_upload_comes_back(aws: AWSEnvironment, tmp_path: Path) -> None:
    """What was uploaded is downloaded the same, with unusual names too."""
    names = ["weights.bin", "deep/er/metrics.json", "a b?#é.txt", ".hidden"]
    for name in names:
        path = tmp_path / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)

    aws.upload(tmp_path / "model", "s3://bucket/runs/1?x/")
    aws.download("s3://bucket/runs/1?x", tmp_path / "channel")

    assert tree(tmp_path / "channel") == tree(tmp_path / "model") == {name: name for name in names}


def test_nothing_at_the_uri(s3: Any, aws: AWSEnvironment, tmp_path: Path) -> None:
    """A prefix without objects is an error, even where another begins like it."""
    put(s3, "training/1.csv")

    with pytest.raises(ContainerError, match="s3://bucket/train holds no objects"):
        aws.download("s3://bucket/train", tmp_path / "channel")


def test_key_must_not_leave_the_channel(s3: Any, aws: AWSEnvironment, tmp_path: Path) -> None:
    """A key with .. is refused before anything is written outside of the channel."""
    put(s3, "data/../../escaped")

    with pytest.raises(ContainerError, match=r"'data/\.\./\.\./escaped' leaves the channel"):
        aws.download("s3://bucket/data", tmp_path / "ml" / "channel")

    assert tree(tmp_path) == {}


def test_cut_connection_leaves_no_half_file(tmp_path: Path) -> None:
    """A file appears under its name when it is whole, and never before."""

    def fetch(key: str, path: Path) -> None:
        path.write_text("half")
        if key == "data/2":
            raise ConnectionError

    with pytest.raises(ConnectionError):
        download_objects("s3://bucket/data", ["data/1", "data/2"], tmp_path, fetch)

    assert (tmp_path / "1").is_file()
    assert not (tmp_path / "2").exists()


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


@pytest.mark.parametrize("uri", ["s3://", "s3:///data", "s3:data"])
def test_no_bucket(uri: str) -> None:
    """A URI without a bucket is refused with the form that it should have."""
    with pytest.raises(ContainerError, match="s3://BUCKET/PREFIX"):
        split_uri(uri)


@pytest.mark.parametrize(
    ("uri", "keys"),
    [
        ("s3://bucket", ["1", "deep/2"]),
        ("s3://bucket/a/", ["a/1", "a/deep/2"]),
    ],
)
def test_keys_of_uploads(uri: str, keys: list[str], tmp_path: Path) -> None:
    """Files get the key of the URI and their own path; directories get none."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "empty").mkdir()
    for name in ("1", "deep/2"):
        (tmp_path / name).touch()

    assert [key for _, key in files_to_upload(tmp_path, uri)] == keys
