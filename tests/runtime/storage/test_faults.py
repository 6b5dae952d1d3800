"""Stores that are away, slow or refuse, and what is secret about them."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from container.lifecycle import ContainerError
from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import (
    BUCKET,
    fetch,
    finals,
    keep,
    make_tree,
    program,
    surroundings,
    tree,
)

CONTENT = bytes(200_000)


@pytest.fixture
def stored(s3: Any) -> None:
    """Store two objects."""
    for key in ("p/a", "p/b"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=CONTENT)


@pytest.mark.usefixtures("stored")
def test_store_that_is_away_for_a_while(proxy: Proxy, tmp_path: Path) -> None:
    """A store that refuses connections may come back."""
    proxy.close()
    back = threading.Timer(1.0, proxy.open)
    back.start()

    fetch("s3://bucket/p", tmp_path)

    back.join()
    assert set(tree(tmp_path)) == {"a", "b"}


@pytest.mark.usefixtures("stored", "brief")
@pytest.mark.parametrize("request_", ["GET /bucket?list", "GET /bucket/p/"])
def test_store_that_stays_away(request_: str, proxy: Proxy, tmp_path: Path) -> None:
    """In the end it is given up, with one line that says for how long it was tried."""
    proxy.only, proxy.always = request_, Fault(503, "SlowDown")
    begin = time.monotonic()

    with pytest.raises(ContainerError) as caught:
        fetch("s3://bucket/p", tmp_path)

    assert 3 <= time.monotonic() - begin < 30
    assert "SlowDown: It is told by the proxy. Tried for 3 s: is the store up" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert finals(tmp_path) == {}


@pytest.mark.usefixtures("brief")
def test_upload_to_a_store_that_stays_away(proxy: Proxy, tmp_path: Path) -> None:
    """An upload does not try each of many files for as long as the first."""
    make_tree(tmp_path / "model", {f"{number}": b"1" for number in range(100)})
    proxy.only, proxy.always = "PUT /bucket/m/", Fault(500)
    proxy.faults = [Fault()]
    begin = time.monotonic()

    with pytest.raises(ContainerError, match="Tried for 3 s"):
        keep(tmp_path / "model", "s3://bucket/m")

    assert time.monotonic() - begin < 30


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (403, "SignatureDoesNotMatch", "Check AWS_SECRET_ACCESS_KEY"),
        (403, "InvalidAccessKeyId", "Check AWS_ACCESS_KEY_ID"),
        (403, "RequestTimeTooSkewed", "Set the clock"),
        (400, "ExpiredToken", "sign in again"),
        (400, "InvalidToken", "Check AWS_SESSION_TOKEN"),
        (401, "Unauthorized", "renew them"),
        (301, "PermanentRedirect", "set AWS_REGION"),
        (400, "AuthorizationHeaderMalformed", "set AWS_REGION"),
    ],
)
def test_answer_of_the_store(
    status: int, code: str, remedy: str, proxy: Proxy, tmp_path: Path
) -> None:
    """What S3 answers is told at once in its own word and one line, with the remedy."""
    proxy.only, proxy.always = "GET /bucket?list", Fault(status, code)
    begin = time.monotonic()

    with pytest.raises(ContainerError, match=rf"^[^\n]*{code}[^\n]*{remedy}[^\n]*$"):
        fetch("s3://bucket/p", tmp_path / "channel")

    assert time.monotonic() - begin < 20
    assert finals(tmp_path) == {}


@pytest.mark.usefixtures("s3")
def test_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the message says how to give some."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(ContainerError, match="Sign in, or set AWS_ACCESS_KEY_ID and AWS_SECRET_"):
        fetch("s3://bucket/p", tmp_path / "channel")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("uri", ["s3://", "s3:///data", "s3://user:password@bucket/a"])
def test_uri_without_a_bucket(uri: str, tmp_path: Path) -> None:
    """It is refused with the form that it should have."""
    with pytest.raises(ContainerError, match="s3://BUCKET/PREFIX"):
        fetch(uri, tmp_path)


SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEBYaDKexample/token+with=signs",
}
BODY = """
configure_logging()
transfers.RETRY_TOTAL = 1.0
try:
    fetch({uri!r}, Path({directory!r}))
except Exception:
    logging.exception("it has failed")
    logging.error("%s at %s", os.environ, "https://user:password@host/path")
"""


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("s3://bucket/p", Fault()),
        ("s3://bucket/p", Fault(503, "SlowDown")),
        ("s3://bucket/p", Fault(403, "AccessDenied")),
        ("s3://user:password@bucket/p", Fault()),
    ],
    ids=str,
)
def test_secrets_are_not_logged(
    uri: str, fault: Fault, proxy: Proxy, s3: Any, tmp_path: Path
) -> None:
    """At the level DEBUG, neither a success nor a failure tells a secret or a signature."""
    s3.put_object(Bucket=BUCKET, Key="p/x", Body=b"1")
    proxy.only, proxy.always = "GET /bucket/p/x" if fault.status == 403 else "", fault
    command = program(
        BODY.format(uri=uri, directory=str(tmp_path)), MLDOCK_LOGS_LEVEL="DEBUG", **SECRETS
    )

    run = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True)

    log = run.stdout + run.stderr
    assert "DEBUG" in log
    assert ("it has failed" in log) is (fault.status != 0 or "@" in uri)
    for secret in [*SECRETS.values(), "user:password"]:
        assert secret not in log
    assert "X-Amz-Signature=***" in log or "X-Amz-Signature" not in log
