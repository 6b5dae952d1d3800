"""Object stores, and a proxy before each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from gcp_storage_emulator import server as gcp_emulator
from moto.server import ThreadedMotoServer

from container.lifecycle.storage import transfers
from tests.runtime.proxy import Proxy
from tests.runtime.storage.remotes import (
    BUCKET,
    Remote,
    az_remote,
    azurite,
    gs_remote,
    s3_remote,
    through,
)


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Return the address of an S3 server."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up credentials, and hide those of whoever runs the test."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
        "HOME": str(tmp_path / "home"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture(scope="session")
def client(endpoint: str) -> Iterator[Any]:
    """Return a client of the server."""
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    yield client
    client.close()


@pytest.fixture
def s3(
    client: Any,
    endpoint: str,
    account: None,  # noqa: ARG001 - the environment of the test needs it
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """Return a client of the server, which the environment names; there is an empty bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    client.create_bucket(Bucket=BUCKET)
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        keys = [{"Key": item["Key"]} for item in page.get("Contents", ())]
        if keys:
            client.delete_objects(Bucket=BUCKET, Delete={"Objects": keys})
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def proxy(endpoint: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:  # noqa: ARG001 - the server must be there
    """Return a proxy that the environment names in the place of the server."""
    with through(endpoint, monkeypatch, "AWS_ENDPOINT_URL_S3") as proxy:
        yield proxy


@pytest.fixture(scope="session")
def google() -> Iterator[Any]:
    """Return Google's emulator, at a port that the machine chose."""
    with gcp_emulator.create_server("localhost", 0, in_memory=True) as server:
        yield server


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the connection string of Azure's emulator."""
    with azurite(tmp_path_factory.mktemp("azurite")) as connection:
        yield connection


@pytest.fixture(params=["s3", "gs", "az"])
def remote(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """Return an empty bucket of each kind."""
    if request.param == "s3":
        yield s3_remote(request.getfixturevalue("s3"), request.getfixturevalue("proxy"))
    elif request.param == "gs":
        with gs_remote(request.getfixturevalue("google"), monkeypatch) as remote:
            yield remote
    else:
        with az_remote(request.getfixturevalue("azure"), monkeypatch) as remote:
            yield remote


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after seconds instead of minutes."""
    monkeypatch.setattr(transfers, "RETRY_TOTAL", 3.0)
