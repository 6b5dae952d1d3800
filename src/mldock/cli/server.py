"""The server that runs for this project: one at a time, known by a file that it holds locked."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request

from mldock import ContainerError
from mldock.cli.proxies import open_url
from mldock.cli.workspace import BASE_DIR

STATE = BASE_DIR / "server.json"


@contextlib.contextmanager
def registered(port: int) -> Iterator[str]:
    """Hold the project's place for a server, and yield its address.

    Raises:
        ContainerError: A server of this project runs, or something else has the port.

    """
    BASE_DIR.mkdir(exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    with STATE.open("a+", encoding="utf-8") as file:
        if not lock(file):
            raise ContainerError(
                f"This project is already served at {running()['url']}. Stop it: nox -s stop"
            )
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise ContainerError(
                    f"Port {port} cannot be used ({error.strerror}). "
                    f"Choose another: nox -s serve -- --port {port + 1}"
                ) from error
        file.truncate(0)
        file.write(json.dumps({"url": url, "pid": os.getpid()}))
        file.flush()
        yield url
        file.truncate(0)


def lock(file: Any) -> bool:
    """Take the lock of the state file, if no server holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def running(state: Path = STATE) -> dict[str, Any]:
    """Return the address and the process of the server, or nothing when none runs."""
    if not state.is_file():
        return {}
    with state.open("r+", encoding="utf-8") as file:
        if lock(file):
            return {}
        content: dict[str, Any] = json.loads(file.read() or "{}")
        return content


def stop(timeout: float = 60) -> bool:
    """Stop the server and wait for its end; return whether there was one."""
    server = running()
    if not server:
        return False
    print("Stopping the server; it answers what it has been asked.", file=sys.stderr, flush=True)
    os.kill(server["pid"], signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while running():
        if time.monotonic() > deadline:
            raise ContainerError(
                f"The server (process {server['pid']}) did not end in {timeout} s. "
                f"Look at its log, or cut it off: kill -9 {server['pid']}"
            )
        time.sleep(0.1)
    return True


def is_ready(url: str, path: str = "/ping") -> bool:
    """Say whether a path, that of the health check if no other, is answered with 200."""
    try:
        with open_url(Request(f"{url}{path}"), timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False
