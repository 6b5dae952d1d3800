"""What keeps gunicorn alone up, without nginx and without Docker, while clients ask."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.container.load import Load
from tests.container.messages import Answer, Request, post, row, send, spread
from tests.runtime.serving import serve
from tests.runtime.workspace import TIMEOUT, Run, Workspace

MODEL = Path(__file__).parents[1] / "container" / "obliging.py"
MIB = 2**20
PING = b"GET /ping HTTP/1.1\r\nHost: test\r\n\r\n"


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """Return a project with the model that does what a row asks it to."""
    workspace.write("src/prediction.py", MODEL.read_text("utf-8"))
    return workspace


def address(run: Run) -> tuple[str, int]:
    """Return where a server listens, when it is ready."""
    run.wait_for("Booting worker")
    host, port = run.address.removeprefix("http://").split(":")
    deadline = time.monotonic() + TIMEOUT
    while send((host, int(port)), Request(PING, bool)).status != 200:
        assert time.monotonic() < deadline, run.log
        time.sleep(0.05)
    return host, int(port)


def workers(run: Run) -> list[int]:
    """Return all workers that there have been."""
    return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", run.log)]


def test_killed_worker_comes_back(workspace: Workspace) -> None:
    """Only what was in flight on it is lost, since nobody asks again."""
    run = serve(workspace, MLDOCK_SERVER_WORKERS="2")
    with Load(address(run), clients=16) as load:
        load.wait_for(200)
        os.kill(workers(run)[0], signal.SIGKILL)
        load.wait_for(1000)

    assert load.report.wrong == []
    assert len(load.report.failures) + load.report.refused <= load.clients
    assert len(workers(run)) == 3


def test_hanging_worker_is_replaced(workspace: Workspace) -> None:
    """With a single worker: it ends after the timeout, and the next one answers."""
    run = serve(workspace, MLDOCK_SERVER_TIMEOUT="1")
    where = address(run)
    with ThreadPoolExecutor(1) as client:
        hanging = client.submit(send, where, row(0, deed="sleep", amount=3600))
        with suppress(OSError, EOFError):
            assert hanging.result(TIMEOUT).is_error
    deadline = time.monotonic() + TIMEOUT
    while len(workers(run)) == 1:
        assert time.monotonic() < deadline, run.log
        time.sleep(0.05)

    assert send(address(run), row(7)).json["number"] == 7


def test_failing_request_fails_no_neighbour(workspace: Workspace) -> None:
    """They wait for the model together; only the one that makes it fail gets an error."""

    def failing(number: int) -> Request:
        return Request(row(number, deed="fail").raw, is_failure)

    def is_failure(answer: Answer) -> bool:
        return answer.status == 500 and answer.is_error

    run = serve(workspace)
    with Load(address(run), spread(*[row] * 9, failing), clients=16) as load:
        load.wait_for(1000)

    assert load.report.faults == []
    assert set(load.report.statuses) == {200, 500}


def test_body_over_the_limit(workspace: Workspace) -> None:
    """It is refused by its head, or where that does not tell, when it has grown beyond."""
    where = address(serve(workspace, SAGEMAKER_MAX_PAYLOAD_IN_MB="1"))
    plain, expecting = post(bytes(MIB + 1)), post(bytes(MIB + 1), "Expect: 100-continue")
    answers = [send(where, Request(raw[: -MIB - 1], bool)) for raw in (plain, expecting)]
    with closing(HTTPConnection(*where, timeout=TIMEOUT)) as connection:
        chunks = (b" " * (MIB // 4) for _ in range(8))
        headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
        # It may answer, and read no more.
        with suppress(OSError):
            connection.request("POST", "/invocations", chunks, headers, encode_chunked=True)
        chunked = connection.getresponse()
        body = chunked.read()

    assert [(answer.status, answer.is_error) for answer in answers] == [(413, True)] * 2
    # What the client sends next would be taken for the body.
    assert [answer.headers.get("connection") for answer in answers] == ["close"] * 2
    assert (chunked.status, list(json.loads(body))) == (413, ["error"])
