"""A download that is killed, started again, told to stop, or slow."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import BUCKET, fetch, finals, program, surroundings, tree

FILES = {f"{number:02}": hashlib.shake_256(bytes([number])).digest(60_000) for number in range(40)}


SLOW = """
configure_logging()
progress.SECONDS = 0.4
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
def stored(s3: Any) -> None:
    """Store forty objects."""
    for name, content in FILES.items():
        s3.put_object(Bucket=BUCKET, Key=f"p/{name}", Body=content)


@pytest.mark.usefixtures("stored")
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


@pytest.mark.usefixtures("stored")
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
        output, _ = process.communicate(timeout=20)
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
    """Where there is no terminal, a line of the log tells it now and then.

    A part that was cut and comes again does not make it more than all.
    """
    slow.faults = [Fault(cut=2**20, pause=0.01)]
    command = program(SLOW.format(directory=str(tmp_path)))
    run = subprocess.run(command, env=surroundings(), capture_output=True, text=True, check=True)

    assert "\r" not in run.stderr
    line = r"INFO .*MLDOCK_INPUT_CHANNEL_DATA: ([\d.]+)M of 8\.39MB, [\d.]+[kM]B/s, \d+:\d+ left$"
    moved = [float(found) for found in re.findall(line, run.stderr, re.MULTILINE)]
    assert 1 <= len(moved) <= 10, run.stderr
    assert max(moved) <= 8.4
    assert "4 files fetched, 8388608 bytes" in run.stderr.splitlines()[-1]
