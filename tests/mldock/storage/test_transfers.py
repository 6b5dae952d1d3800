"""Transfers from stores that are away, slow or refuse, and those that are cut off."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mldock import ContainerError

from tests.mldock.proxy import Fault, Proxy
from tests.mldock.storage.tools import (
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
    assert "SlowDown: It is told by the proxy. It was tried again and again: is the store" in str(
        caught.value
    )
    assert "\n" not in str(caught.value)
    assert finals(tmp_path) == {}


@pytest.mark.usefixtures("brief")
def test_upload_to_a_store_that_stays_away(proxy: Proxy, tmp_path: Path) -> None:
    """An upload does not try each of many files for as long as the first."""
    make_tree(tmp_path / "model", {f"{number}": b"1" for number in range(100)})
    proxy.only, proxy.always = "PUT /bucket/m/", Fault(500)
    proxy.faults = [Fault()]
    begin = time.monotonic()

    with pytest.raises(ContainerError, match="is the store up, and reachable"):
        keep(tmp_path / "model", "s3://bucket/m")

    assert time.monotonic() - begin < 30


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (403, "SignatureDoesNotMatch", "Check AWS_ACCESS_KEY_ID and"),
        (400, "ExpiredToken", "sign in again"),
        (401, "Unauthorized", "renew them"),
        (301, "", "set AWS_REGION to us-east-1"),
        (400, "AuthorizationHeaderMalformed", "set AWS_REGION to us-east-1"),
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
stores.RETRY['retry_timeout'] = datetime.timedelta(seconds=1)
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


FILES = {f"{number:02}": hashlib.shake_256(bytes([number])).digest(60_000) for number in range(40)}


SLOW = """
configure_logging()
storage.PROGRESS_INTERVAL = 0.4
fetch('s3://bucket/p', Path({directory!r}))
"""


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(300):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it has not come to that in 15 s")


@pytest.fixture
def forty(s3: Any) -> None:
    """Store forty objects."""
    for name, content in FILES.items():
        s3.put_object(Bucket=BUCKET, Key=f"p/{name}", Body=content)


@pytest.mark.usefixtures("forty")
def test_killed_download_goes_on(proxy: Proxy, tmp_path: Path) -> None:
    """No file is there by half, and only what is missing is fetched by the next start."""
    proxy.only, proxy.always = "GET /bucket/p/", Fault(pause=0.2)
    command = program(f"fetch('s3://bucket/p', Path({str(tmp_path)!r}))")
    with subprocess.Popen(command, env=surroundings()) as process:
        wait_for(lambda: len(finals(tmp_path)) >= 5)
        process.kill()
    there = finals(tmp_path)
    assert 5 <= len(there) < len(FILES)
    assert all(FILES[name] == content for name, content in there.items())
    assert len(tree(tmp_path)) > len(there), "it was killed between two files"

    proxy.always = Fault()
    proxy.requests.clear()
    fetch("s3://bucket/p", tmp_path)

    assert tree(tmp_path) == FILES
    assert proxy.count("GET /bucket/p/") == len(FILES) - len(there)


@pytest.mark.usefixtures("forty")
@pytest.mark.parametrize("pause", [0.3, 30])
def test_stop_ends_a_slow_download(pause: float, proxy: Proxy, tmp_path: Path) -> None:
    """SIGTERM ends the call and the process soon, though the server is slow or silent."""
    proxy.only, proxy.always = "GET /bucket/p/", Fault(pause=pause)
    body = f"""
def stop(*_):
    raise StopRequested
signal.signal(signal.SIGTERM, stop)
try:
    fetch('s3://bucket/p', Path({str(tmp_path)!r}))
except StopRequested:
    print('stopped')
"""
    with subprocess.Popen(
        program(body), env=surroundings(), stdout=subprocess.PIPE, text=True
    ) as process:
        wait_for(lambda: proxy.count("GET /bucket/p/") >= 16)
        begin = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        output, _ = process.communicate(timeout=300)
    assert time.monotonic() - begin < 10
    assert output == "stopped\n"
    assert process.returncode == 0
    assert all(FILES[name] == content for name, content in finals(tmp_path).items())


@pytest.fixture
def slow(proxy: Proxy, s3: Any) -> Proxy:
    """Store some objects that take two seconds together."""
    for number in range(4):
        s3.put_object(Bucket=BUCKET, Key=f"p/{number}", Body=bytes(2**21))
    proxy.only, proxy.always = "GET /bucket/p/", Fault(pause=0.015)
    return proxy


def test_lines_in_a_log(slow: Proxy, tmp_path: Path) -> None:
    """A log has a line now and then; a part that comes again does not make it more than all."""
    slow.faults = [Fault(cut=2**20, pause=0.01)]
    command = program(SLOW.format(directory=str(tmp_path)))
    run = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True)

    assert "\r" not in run.stderr
    line = r"INFO .*MLDOCK_INPUT_CHANNEL_DATA: ([\d.]+)M of 8\.39MB, \d+ s$"
    moved = [float(found) for found in re.findall(line, run.stderr, re.MULTILINE)]
    assert 1 <= len(moved) <= 10, run.stderr
    assert max(moved) <= 8.4
    assert "4 files fetched, 8388608 bytes" in run.stderr.splitlines()[-1]
