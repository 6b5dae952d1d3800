"""How far a transfer is: a bar on a terminal, lines in a log, nothing for what is short."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.proxy import Fault, Proxy
from tests.runtime.storage.tools import BUCKET, program, surroundings

SLOW = """
configure_logging()
progress.SECONDS = 0.4
fetch('s3://bucket/p', Path({directory!r}))
"""


@pytest.fixture
def slow(proxy: Proxy, s3: Any) -> Proxy:
    """Store some objects that take two seconds together."""
    for number in range(4):
        s3.put_object(Bucket=BUCKET, Key=f"p/{number}", Body=bytes(2**21))
    proxy.only, proxy.always = "GET /bucket/p/", Fault(pause=0.015)
    return proxy


def output_on_a_terminal(command: list[str], rows: int, columns: int) -> str:
    """Return what a process shows on a terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with subprocess.Popen(command, env=surroundings(), stdin=slave, stderr=slave, stdout=slave):
        os.close(slave)
        shown = b""
        try:
            while chunk := os.read(master, 2**16):
                shown += chunk
        except OSError:
            # So Linux says that the other end is closed.
            pass
        finally:
            os.close(master)
    return shown.decode()


@pytest.mark.usefixtures("slow")
def test_bar_on_a_terminal(tmp_path: Path) -> None:
    """The bar has the channel, the bytes, the rate and the time."""
    shown = output_on_a_terminal(program(SLOW.format(directory=str(tmp_path))), 24, 120)

    bar = r"MLDOCK_INPUT_CHANNEL_DATA: +\d+%\|.*\| [\d.]+M of 8\.39MB, [\d.]+[kM]B/s, \d+:\d+ left"
    assert re.search(bar, shown), shown
    assert "4 files fetched, 8388608 bytes; 0 were there" in shown


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
