"""Slow models and slow clients: each waits for itself, and is told what it waits for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest

from tests.mldock.serving import (
    STREAM,
    Reply,
    exchange,
    number_model,
    open_slow_client,
    serve,
    wait_until_ready,
)
from tests.mldock.workspace import Run, Workspace

JSON = {"Content-Type": "application/json"}


def ask_at_once(run: Run, clients: int) -> list[tuple[Reply, float]]:
    """Let clients ask at once, each for its own number; return the answers, and their times."""
    begin = time.monotonic()

    def ask(number: int) -> tuple[Reply, float]:
        body = json.dumps({"value": number}).encode()
        return exchange(run, "/invocations", body, JSON), time.monotonic() - begin

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(ask, range(clients)))


@pytest.mark.parametrize(("batch", "seconds"), [(False, "0.1"), (True, "0.05 * len(rows)")])
def test_each_prediction_has_its_own_time(workspace: Workspace, batch: bool, seconds: str) -> None:
    """Answers go out as they are ready; who would wait too long is told so; no worker ends."""
    model = number_model(predict=f"time.sleep({seconds})", batch=batch)
    workspace.write("src/prediction.py", model)
    # All of them together take longer than either limit.
    run = serve(workspace, MLDOCK_SERVER_TIMEOUT="2", MLDOCK_SERVER_MAX_WAIT="2")
    wait_until_ready(run)

    replies = ask_at_once(run, 60)

    right = [number for number, (reply, _) in enumerate(replies) if reply.status == 200]
    assert [json.loads(replies[number][0].body)["value"] for number in right] == right
    assert 15 <= len(right) <= 60
    times = sorted(replies[number][1] for number in right)
    assert times[-1] - times[0] > 1, "they were kept back until all were ready"
    for reply, _ in replies:
        if reply.status != 200:
            assert (reply.status, int(reply.headers["Retry-After"]) > 0) == (503, True)
            assert "requests wait" in reply.error
    assert run.log.count("Booting worker") == 1


def test_full_queue_is_told_at_once(workspace: Workspace) -> None:
    """Once it is known how long a prediction takes, nobody waits in vain."""
    workspace.write("src/prediction.py", number_model(predict="time.sleep(0.5)", batch=False))
    run = wait_until_ready(serve(workspace, MLDOCK_SERVER_MAX_WAIT="1"))
    assert exchange(run, "/invocations", b'{"value": 1}', JSON).status == 200

    replies = ask_at_once(run, 10)

    refused = [seconds for reply, seconds in replies if reply.status == 503]
    assert len(refused) >= 5
    assert max(refused) < 0.4
    assert sum(reply.status == 200 for reply, _ in replies) == 10 - len(refused)


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a server that answers with many megabytes."""
    workspace = Workspace(tmp_path_factory.mktemp("stream"))
    workspace.write("src/prediction.py", STREAM)
    yield wait_until_ready(serve(workspace, MLDOCK_SERVER_MAX_WAIT="5"))
    workspace.end()


def address(run: Run) -> tuple[str, int]:
    """Return where a server listens."""
    host, port = run.address.removeprefix("http://").split(":")
    return host, int(port)


def test_slow_reader_blocks_nobody(stream: Run) -> None:
    """What fits into the buffer waits there for its client; the model goes on for others."""
    with closing(open_slow_client(address(stream), 100)) as slow:
        begin = time.monotonic()
        reply = exchange(stream, "/invocations", b'{"parts": 1}', JSON)
        assert (reply.status, time.monotonic() - begin < 3) == (200, True)

        received = 100
        while data := slow.recv(2**20):
            received += len(data)
            if data.endswith(b"0\r\n\r\n"):
                break
        assert received > 100 * 65536


def test_reader_that_is_too_slow_is_dropped(stream: Run) -> None:
    """Beyond the buffer it is waited for a while; who waits behind it is told so."""
    with closing(open_slow_client(address(stream), 320)) as slow:
        reply = exchange(stream, "/invocations", b'{"parts": 1}', JSON)
        assert (reply.status, "requests wait" in reply.error) == (503, True)
        stream.wait_for("is dropped")
        reply = exchange(stream, "/invocations", b'{"parts": 1}', JSON)
        assert reply.status == 200
        received = b""
        with suppress(ConnectionResetError):
            while data := slow.recv(2**20):
                received = data
        assert not received.endswith(b"0\r\n\r\n"), "the answer is whole"
    assert "Traceback" not in stream.log
