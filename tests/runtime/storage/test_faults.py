"""Faults that pass: what fails is tried again, for a while."""

from __future__ import annotations

import logging
import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from container.lifecycle import ContainerError, aws
from container.lifecycle.storage import transfers
from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import BUCKET, fetch, finals, keep, make_tree, tree

CONTENT = bytes(200_000)


@pytest.fixture
def stored(s3: Any) -> None:
    """Store two objects."""
    for key in ("p/a", "p/b"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=CONTENT)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    "fault",
    [
        Fault(500),
        Fault(503, "SlowDown"),
        Fault(400, "RequestTimeout"),
        Fault(cut=0),
        Fault(cut=100),
        Fault(cut=100_000),
        Fault(pause=0.01),
    ],
    ids=str,
)
@pytest.mark.parametrize("request_", ["GET /bucket?list", "GET /bucket/p/"])
def test_download_after_a_fault(fault: Fault, request_: str, proxy: Proxy, tmp_path: Path) -> None:
    """A failing server and a lost connection are tried again."""
    proxy.only, proxy.faults = request_, [fault] * 2

    fetch("s3://bucket/p", tmp_path)

    assert tree(tmp_path) == {"a": CONTENT, "b": CONTENT}


@pytest.mark.parametrize("size", [100_000, 9 * 2**20])
@pytest.mark.parametrize("fault", [Fault(500), Fault(503, "SlowDown"), Fault(cut=0)], ids=str)
def test_upload_after_a_fault(size: int, fault: Fault, proxy: Proxy, tmp_path: Path) -> None:
    """The same holds for an upload, at once or in parts."""
    make_tree(tmp_path / "model", {"w": bytes(size)})
    proxy.only, proxy.faults = "PUT /bucket/m/", [fault] * 2

    keep(tmp_path / "model", "s3://bucket/m")

    fetch("s3://bucket/m", tmp_path / "back")
    assert tree(tmp_path / "back") == {"w": bytes(size)}


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
def test_upload_to_a_store_that_stays_away(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload does not try each of many files for as long as the first."""
    monkeypatch.setattr(aws, "SINGLE_UPLOAD", 2**30)
    make_tree(tmp_path / "model", {f"{number}": b"1" for number in range(100)})
    proxy.only, proxy.always = "PUT /bucket/m/", Fault(500)
    proxy.faults = [Fault()]
    begin = time.monotonic()

    with pytest.raises(ContainerError, match="Tried for 3 s"):
        keep(tmp_path / "model", "s3://bucket/m")

    assert time.monotonic() - begin < 30


@pytest.mark.usefixtures("stored", "brief")
def test_pauses_grow_and_differ(
    proxy: Proxy, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pause is up to twice the one before, by chance, and its reason is logged."""
    monkeypatch.setattr(transfers, "random", random.Random(1))
    proxy.only, proxy.always = "GET /bucket?list", Fault(503, "SlowDown")

    with pytest.raises(ContainerError), caplog.at_level(logging.WARNING):
        fetch("s3://bucket/p", tmp_path)

    told = [record for record in caplog.records if "SlowDown" in record.getMessage()]
    pauses = [float(record.getMessage().split("again in ")[1].split()[0]) for record in told]
    assert len(pauses) >= 3
    for number, pause in enumerate(pauses):
        assert 0.2 * 2**number <= pause <= 0.5 * 2**number
    assert len({round(pause / 2**number, 2) for number, pause in enumerate(pauses)}) > 1
