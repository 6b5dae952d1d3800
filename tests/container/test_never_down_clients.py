"""Clients that are slow, many, too large or wrong: the others do not notice."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse

import pytest

from tests.container.conftest import Image
from tests.container.load import Load
from tests.container.messages import Answer, Request, percentile, post, row, send, spread
from tests.container.never_down import Server, serving

pytestmark = [
    pytest.mark.docker,
    pytest.mark.parametrize("image", ["generic"], indirect=True),
]

MIB = 2**20


@pytest.fixture(scope="module")
def server(image: Image) -> Iterator[Server]:
    """Return a server that takes bodies of one megabyte."""
    with serving(image, environment={"SAGEMAKER_MAX_PAYLOAD_IN_MB": "1"}) as server:
        yield server


@contextmanager
def trickling(server: Server, count: int, raw: bytes) -> Iterator[None]:
    """Send a request over so many connections, ten bytes a second on each, until the block ends."""
    stop = threading.Event()
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(server.address)) for _ in range(count)
        ]

        def trickle() -> None:
            for byte in raw:
                for connection in connections:
                    connection.sendall(bytes([byte]))
                if stop.wait(0.1):
                    break

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def test_slow_clients_harm_nobody(server: Server) -> None:
    """Heads and bodies that come byte by byte, and connections on which nothing comes."""
    body = b'{"number": 1}'.rjust(1000)
    whole = post(body)
    with (
        trickling(server, 100, whole),
        trickling(server, 100, b""),
        ExitStack() as stack,
        Load(server.address, clients=16) as load,
    ):
        for _ in range(100):
            connection = stack.enter_context(socket.create_connection(server.address))
            connection.sendall(whole[:-500])
        load.wait_for(300)
        time.sleep(2)
        load.wait_for(300)

    assert load.report.faults == []
    assert percentile(load.report.seconds, 0.99) < 1


def test_thousand_connections(server: Server) -> None:
    """All are open at once, and each gets its answer."""
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(server.address, timeout=30))
            for _ in range(1000)
        ]
        for number, connection in enumerate(connections):
            connection.sendall(row(number).raw)
        for number, connection in enumerate(connections):
            answer = stack.enter_context(HTTPResponse(connection))
            answer.begin()
            assert answer.status == 200
            assert json.load(answer)["number"] == number


@pytest.mark.parametrize("expect", [[], ["Expect: 100-continue"]], ids=["plain", "expect"])
def test_body_over_the_limit(server: Server, expect: list[str]) -> None:
    """It is refused by what its head says, before it is sent."""
    head = post(bytes(MIB + 1), *expect)[: -MIB - 1]

    answer = send(server.address, Request(head, bool))

    assert (answer.status, answer.is_error) == (413, True)
    assert answer.headers["connection"] == "close"
    assert "SAGEMAKER_MAX_PAYLOAD_IN_MB" in answer.json["error"]


def test_chunked_body_over_the_limit(server: Server) -> None:
    """It is refused when it has grown beyond."""
    connection = HTTPConnection(*server.address, timeout=30)
    chunks = (b" " * (MIB // 4) for _ in range(8))
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    # It may answer, and read no more.
    with suppress(OSError):
        connection.request("POST", "/invocations", chunks, headers, encode_chunked=True)
    answer = connection.getresponse()

    assert answer.status == 413
    assert json.load(answer)["error"]
    connection.close()


def test_largest_body(server: Server) -> None:
    """The limit itself is allowed."""
    answer = send(server.address, Request(post(b'{"number": 7}'.rjust(MIB)), bool))

    assert (answer.status, answer.json["number"]) == (200, 7)


def test_failing_request_fails_no_neighbour(server: Server) -> None:
    """One in ten is refused and one in ten makes the model fail; all others are right."""

    def failing(number: int) -> Request:
        return Request(row(number, deed="fail").raw, lambda answer: is_failure(answer, 500))

    def invalid(number: int) -> Request:
        return Request(row(number, amount=-1).raw, lambda answer: is_failure(answer, 422))

    def is_failure(answer: Answer, status: int) -> bool:
        return answer.status == status and answer.is_error

    with Load(server.address, spread(*[row] * 8, failing, invalid)) as load:
        load.wait_for(2000)

    assert load.report.faults == []
    assert min(load.report.statuses[500], load.report.statuses[422]) > 100
    assert set(load.report.statuses) == {200, 422, 500}
