"""Faults that do not pass: they end the transfer at once, with what is to be done."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from container.lifecycle import ContainerError
from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import BUCKET, fetch, finals, keep, make_tree


def refusal(uri: str, directory: Path) -> str:
    """Return why nothing comes from a URI; it must be told soon, and in a line."""
    begin = time.monotonic()
    with pytest.raises(ContainerError) as caught:
        fetch(uri, directory)
    assert time.monotonic() - begin < 20
    assert "\n" not in str(caught.value)
    assert finals(directory) == {}
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (403, "AccessDenied", "have it granted"),
        (403, "SignatureDoesNotMatch", "Check AWS_SECRET_ACCESS_KEY"),
        (403, "InvalidAccessKeyId", "Check AWS_ACCESS_KEY_ID"),
        (403, "RequestTimeTooSkewed", "Set the clock"),
        (400, "ExpiredToken", "sign in again"),
        (400, "InvalidToken", "Check AWS_SESSION_TOKEN"),
        (401, "Unauthorized", "renew them"),
        (301, "PermanentRedirect", "set AWS_REGION"),
        (400, "AuthorizationHeaderMalformed", "set AWS_REGION"),
        (400, "IllegalLocationConstraintException", "set AWS_REGION"),
        (404, "NoSuchBucket", "Correct the URI, or create the bucket"),
    ],
)
def test_answer_of_the_store(
    status: int, code: str, remedy: str, proxy: Proxy, tmp_path: Path
) -> None:
    """What S3 answers to a list is told in its own word, with the remedy."""
    proxy.only, proxy.always = "GET /bucket?list", Fault(status, code)

    told = refusal("s3://bucket/p", tmp_path / "channel")

    assert code in told
    assert remedy in told


def test_object_that_may_not_be_read(proxy: Proxy, s3: Any, tmp_path: Path) -> None:
    """Where it is about an object, the object is named."""
    s3.put_object(Bucket=BUCKET, Key="p/x", Body=b"1")
    proxy.only, proxy.always = "GET /bucket/p/x", Fault(403, "AccessDenied")

    assert "x: AccessDenied" in refusal("s3://bucket/p", tmp_path / "channel")


@pytest.mark.usefixtures("s3")
def test_no_such_bucket(tmp_path: Path) -> None:
    """A bucket that does not exist is told, to a download and to an upload."""
    told = refusal("s3://no-such-bucket/p", tmp_path / "channel")

    assert "NoSuchBucket" in told
    assert "Correct the URI, or create the bucket." in told
    with pytest.raises(ContainerError, match="NoSuchBucket"):
        keep(make_tree(tmp_path / "model", {"w": b"1"}), "s3://no-such-bucket/p")


@pytest.mark.usefixtures("s3")
def test_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the message says how to give some."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    told = refusal("s3://bucket/p", tmp_path / "channel")

    assert "Sign in, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in told


def test_object_that_goes_while_it_is_fetched(proxy: Proxy, s3: Any, tmp_path: Path) -> None:
    """An object that was listed and is gone, or another one, is told by its name."""
    s3.put_object(Bucket=BUCKET, Key="p/x", Body=b"1")
    proxy.only, proxy.always = "GET /bucket/p/x", Fault(412, "PreconditionFailed")
    assert "It was changed while it was read" in refusal("s3://bucket/p", tmp_path / "channel")

    proxy.always = Fault(404, "NoSuchKey")
    assert "x: NoSuchKey" in refusal("s3://bucket/p", tmp_path / "channel")


@pytest.fixture
def guarded(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # noqa: ARG001
    """Return the address of an S3 server that checks who asks, and may only read `open/`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": "5"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        url = f"http://127.0.0.1:{port}"
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket=BUCKET)
        boto3.client("s3", endpoint_url=url).put_object(Bucket=BUCKET, Key="open/x", Body=b"1")
        iam = boto3.client("iam", endpoint_url=url)
        iam.create_user(UserName="reader")
        statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        yield url
    finally:
        server.kill()
        server.wait()


@pytest.mark.usefixtures("guarded")
def test_rights_are_checked_by_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may list but not get or put is told so; a wrong secret is told by its name."""
    told = refusal("s3://bucket/open", tmp_path / "channel")
    assert "403" in told or "AccessDenied" in told
    assert "lack the right" in told
    with pytest.raises(ContainerError, match=r"AccessDenied.*lack the right"):
        keep(make_tree(tmp_path / "model", {"w": b"1"}), "s3://bucket/new")

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    assert "Check AWS_SECRET_ACCESS_KEY" in refusal("s3://bucket/open", tmp_path / "channel")
