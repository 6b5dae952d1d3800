"""Asking a server as its clients do."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable


def ask(url: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int | None, bytes]:
    """Return status and body of an answer; no status where nothing answers."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url + path, data=body, headers=names)
    try:
        with urllib.request.urlopen(request, timeout=150) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return None, b""


def wait_until_ready(url: str, log: Callable[[], str], timeout: float = 300) -> set[int | None]:
    """Wait until `/ping` answers 200, and return the statuses that it answered before."""
    statuses = set()
    deadline = time.monotonic() + timeout
    while (status := ask(url, "/ping")[0]) != 200:
        statuses.add(status)
        assert time.monotonic() < deadline, log()
        time.sleep(0.1)
    return statuses


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
