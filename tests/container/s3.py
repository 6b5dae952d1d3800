"""A server that speaks S3, for the sessions of a project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Yield a client of a server that the environment names, with an empty bucket `iris`."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    # It is the same bucket as that of an earlier server in this process.
    client.create_bucket(Bucket="iris")
    for item in client.list_objects_v2(Bucket="iris").get("Contents", ()):
        client.delete_object(Bucket="iris", Key=item["Key"])
    yield client
    server.stop()
