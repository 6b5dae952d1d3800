"""Object stores, and a proxy before each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from azure.storage import blob
from mldock import stores
from moto.server import ThreadedMotoServer

from tests.mldock.proxy import Proxy
from tests.mldock.storage.tools import BUCKET
from tests.mldock.workspace import TIMEOUT

# The key of the account that each Azurite has is no secret: it is in Microsoft's documentation.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
ACCOUNT = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={};BlobEndpoint={}"


@dataclass
class Remote:
    """An empty bucket.

    Attributes:
        scheme: That of its URIs.
        proxy: What each request to it goes through.
        put: Stores an object at a key.
        keys: Returns the keys that there are.
        requests: What is in a request that lists, reads what is below `a/`, or stores `a/small`, or
            `a/weights`, which is large.

    """

    scheme: str
    proxy: Proxy
    put: Callable[[str, bytes], object]
    keys: Callable[[], list[str]]
    requests: Mapping[str, str]

    def uri(self, key: str = "", bucket: str = BUCKET) -> str:
        """Return the URI of a key."""
        return f"{self.scheme}://{bucket}/{key}"


@contextmanager
def through(
    upstream: str, monkeypatch: pytest.MonkeyPatch, name: str, form: str = "{}"
) -> Iterator[Proxy]:
    """Put a proxy before a service, which a variable of the environment names."""
    proxy = Proxy(upstream)
    monkeypatch.setenv(name, form.format(proxy.url))
    yield proxy
    proxy.close()


def s3_remote(scheme: str, client: Any, proxy: Proxy) -> Remote:
    """Return a bucket of S3, or of Google, whose XML API has the same requests."""
    # Google's names of objects are a single part of the path.
    slash = "%2F" if scheme == "gs" else "/"
    return Remote(
        scheme,
        proxy,
        lambda key, body: client.put_object(Bucket=BUCKET, Key=key, Body=body),
        lambda: [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", ())],
        {
            "list": "GET /bucket?list",
            "read": f"GET /bucket/a{slash}",
            "small": f"PUT /bucket/a{slash}small",
            "large": f"PUT /bucket/a{slash}weights",
        },
    )


@contextmanager
def az_remote(connection: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """Return a container of Azure's emulator."""
    name, account = "AZURE_STORAGE_CONNECTION_STRING", "/devstoreaccount1"
    upstream = connection.rpartition("=")[2].removesuffix(account)
    with blob.ContainerClient.from_connection_string(connection, BUCKET) as container:
        container.create_container()
        with through(upstream, monkeypatch, name, ACCOUNT.format(KEY, "{}" + account)) as proxy:
            yield Remote(
                "az",
                proxy,
                lambda key, body: container.upload_blob(key, body, overwrite=True),
                lambda: list(container.list_blob_names()),
                {
                    "list": "restype=container",
                    "read": "GET /devstoreaccount1/bucket/a/",
                    "small": "PUT /devstoreaccount1/bucket/a/small",
                    "large": "block",
                },
            )
        container.delete_container()


@contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """Return the connection string of an Azurite, at ports that the machine chose."""
    if not (executable := shutil.which(os.getenv("AZURITE") or "azurite")):
        assert not os.getenv("CI"), "nox -s tests installs azurite"
        pytest.skip("no azurite is on PATH: nox -s tests installs it; or name it in AZURITE")
    log = folder / "log"
    command = [executable, "--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--silent"]
    # The client may be newer than the emulator.
    command += ["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + TIMEOUT
        while not (found := re.search(r"Blob .* successfully .*(http\S+)\n", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield ACCOUNT.format(KEY, f"{found[1]}/devstoreaccount1")
    finally:
        process.terminate()
        process.wait(TIMEOUT)


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
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the connection string of Azure's emulator."""
    with azurite(tmp_path_factory.mktemp("azurite")) as connection:
        yield connection


@pytest.fixture(params=["s3", "gs", "az"])
def remote(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """Return an empty bucket of each kind."""
    if request.param == "az":
        with az_remote(request.getfixturevalue("azure"), monkeypatch) as remote:
            yield remote
        return
    client, proxy = request.getfixturevalue("s3"), request.getfixturevalue("proxy")
    if request.param == "gs":
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.url)
    yield s3_remote(request.param, client, proxy)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after seconds instead of minutes."""
    monkeypatch.setitem(stores.RETRY, "retry_timeout", timedelta(seconds=3))
