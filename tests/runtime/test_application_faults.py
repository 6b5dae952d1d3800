"""Odd requests over HTTP: none of them harms the server."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import closing, suppress

import pytest

from tests.container.messages import Request, post, send
from tests.runtime.serving import exchange, is_alive
from tests.runtime.workspace import TIMEOUT, Run

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
MIB = 2**20


def address(run: Run) -> tuple[str, int]:
    """Return where a server listens."""
    host, port = run.address.removeprefix("http://").split(":")
    return host, int(port)


ECHOED = ["X-Request-Id", "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id"]


@pytest.mark.parametrize("name", ECHOED)
@pytest.mark.parametrize("value", [b"\xff\xfe", b"\xc3\xa9", b"x" * 5000, b"a\tb", b"\x7f"])
def test_odd_headers(server: Run, name: str, value: bytes) -> None:
    """Bytes that may not stand in an answer are not sent back, and fail nothing."""
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    raw = head + name.encode() + b": " + value + b'\r\nContent-Length: 12\r\n\r\n{"value": 2}'

    answer = send(address(server), Request(raw, bool))

    assert answer.status in (200, 400)
    assert value.decode("latin-1") != answer.headers.get(name.lower())
    assert is_alive(server)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "\xff"},
        {"Accept": "\xff\xfe;q=\xff"},
        {"Content-Encoding": "\xff"},
        {"Content-Type": "text/csv; charset=\xff"},
    ],
)
def test_odd_types(server: Run, headers: dict[str, str]) -> None:
    """They are refused as any other unknown type is."""
    reply = exchange(server, "/invocations", b"2\n", {**CSV, **headers})

    assert reply.status in (406, 415)
    assert reply.error


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(MIB, 200), (MIB + 1, 413)])
def test_body_at_the_limit(server: Run, chunked: bool, size: int, status: int) -> None:
    """The limit is the largest body that is taken, whether its length is told or not."""
    body = b"2\n".ljust(size, b"\n")
    parts = (body[start : start + 100_000] for start in range(0, size, 100_000))

    reply = exchange(server, "/invocations", parts if chunked else body, CSV)

    assert reply.status == status
    assert status == 200 or "SAGEMAKER_MAX_PAYLOAD_IN_MB" in reply.error


def test_large_body_is_not_awaited(server: Run) -> None:
    """A length that is too large is refused before the body is sent."""
    with closing(socket.create_connection(address(server), TIMEOUT)) as client:
        client.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")


def test_body_that_ends_early(server: Run) -> None:
    """Half of the rows are not taken for all of them."""
    with closing(socket.create_connection(address(server), TIMEOUT)) as client:
        client.sendall(post(b"[[1],[2]]\n[[3]]", "Content-Length: 15")[:-5])
        client.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            assert b" 200 " not in client.recv(1000)
    assert is_alive(server)


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "12, 13", "99999999999999999999999999"])
def test_length_that_is_none(server: Run, length: str) -> None:
    """It is refused, and nothing fails."""
    raw = f"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n2\n"

    assert send(address(server), Request(raw.encode(), bool)).status in (400, 413)
    assert is_alive(server)


def test_body_that_is_longer_than_told(server: Run) -> None:
    """What is too much is no part of the request, and no answer is given to a wrong one."""
    raw = post(b"2\n", "Content-Type: text/csv") + b"4\n"
    with closing(socket.create_connection(address(server), TIMEOUT)) as client:
        client.sendall(raw)
        client.settimeout(0.5)
        received = b""
        with suppress(OSError):
            while part := client.recv(1000):
                received += part
    assert received.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 "))
    assert b"0.25" not in received
    assert is_alive(server)


def test_pipelined_requests(server: Run) -> None:
    """Those that come on one connection are answered in order."""
    with closing(socket.create_connection(address(server), TIMEOUT)) as client:
        client.sendall(b"".join(post(json.dumps({"value": 2**n}).encode()) for n in range(8)))
        received, end = b"", time.monotonic() + TIMEOUT
        while received.count(b'{"value"') < 8 and time.monotonic() < end:
            received += client.recv(10_000)
    values = [float(found) for found in re.findall(rb'\{"value":([\d.e-]+)\}', received)]
    assert values == [1 / 2**n for n in range(8)]
