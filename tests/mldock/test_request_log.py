"""What whoever runs the server sees of its requests: lines in the log, and metrics."""

from __future__ import annotations

import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable

import pytest

from tests import client
from tests.client import free_port
from tests.mldock.serving import exchange, serve, wait_until_ready, with_model
from tests.mldock.workspace import TIMEOUT, Run, Workspace

CSV = {"Content-Type": "text/csv"}
SECRET = "correct-horse-battery"


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """Return a project with a model that answers at once."""
    (with_model(workspace).base_dir / "answer").touch()
    return workspace


def lines(run: Run, word: str) -> list[str]:
    """Return the lines of the log that hold a word, when there is one."""
    run.wait_for(word)
    return [line for line in run.log.splitlines() if word in line]


def test_line_of_json_in_prod(workspace: Workspace) -> None:
    """Each request is one, which a collector of logs can read, and nothing secret in it."""
    run = serve(workspace, MLDOCK_STAGE="prod", MLDOCK_API_KEY=SECRET)
    exchange(run, "/invocations", b"1\n2\n", {**CSV, "X-Request-Id": "first"})
    exchange(run, "/invocations", b"x\n", {**CSV, "X-Request-Id": f"se{SECRET}cond"})
    exchange(run, "/invocations", b"1\n", {**CSV, "X-Request-Id": 'thi"rd\\'})
    exchange(run, "/ping")

    (line,) = lines(run, "first")
    first = json.loads(line)
    assert first.pop("milliseconds") > first.pop("wait_milliseconds") >= 0
    assert first.pop("time")
    assert first == {"status": 200, "rows": 2, "bytes": 8, "request_id": "first"}
    (line,) = lines(run, "se***cond")
    assert json.loads(line)["status"] == 422
    (line,) = lines(run, "thi")
    assert json.loads(line)["request_id"] == 'thi"rd\\'
    assert SECRET not in run.log
    assert run.log.count('"status"') == 3


@pytest.mark.parametrize(("level", "lines"), [("INFO", 1), ("WARNING", 0)])
def test_plain_line_elsewhere(workspace: Workspace, level: str, lines: int) -> None:
    """A person reads it; who wants warnings only gets none. Nobody collects on a laptop."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    bind = url.removeprefix("http://")
    run = serve(workspace, MLDOCK_LOGS_LEVEL=level, MLDOCK_SERVER_BIND=bind)
    client.wait_until_ready(url, lambda: run.log)
    assert client.ask(url, "/invocations", b"1\n2\n", Content_Type="text/csv")[0] == 200
    assert client.ask(url, "/metrics")[0] == 404
    run.terminate()
    run.wait()

    line = (
        r"INFO invocations: status=200 rows=2 milliseconds=[\d.]+ wait_milliseconds=[\d.]+ "
        r"bytes=8 request_id=\w+"
    )
    assert len(re.findall(line, run.log)) == run.log.count(" milliseconds") == lines
    assert "mldock_" not in run.log


def metrics(port: int) -> dict[str, float]:
    """Return what Prometheus would read."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT) as answer:
        text = answer.read().decode()
    pairs = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something is as it should be."""
    deadline = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_metrics_are_summed(workspace: Workspace) -> None:
    """Over all workers, also those that have ended; not on the public port."""
    port = free_port()
    run = serve(workspace, MLDOCK_SERVER_METRICS_PORT=str(port), MLDOCK_SERVER_WORKERS="2")
    wait_until_ready(run)
    for number in range(40):
        exchange(run, "/invocations", b"1\n2\n" if number % 4 else b"x\n", CSV)
    (first, *_) = re.findall(r"Booting worker with pid: (\d+)", run.log)
    # A request is counted when it is answered.
    wait_until(lambda: metrics(port)["mldock_request_seconds_count"] == 40)
    before = metrics(port)

    assert before['mldock_requests_total{status="200"}'] == 30
    assert before['mldock_requests_total{status="422"}'] == 10
    assert before["mldock_rows_total"] == 60
    assert before['mldock_request_seconds_bucket{le="+Inf"}'] == 40
    assert 0 < before["mldock_wait_seconds_total"] < before["mldock_request_seconds_sum"]
    assert exchange(run, "/metrics").status == 404

    os.kill(int(first), signal.SIGTERM)
    wait_until(lambda: run.log.count("Booting worker") == 3)
    exchange(run, "/invocations", b"1\n", CSV)
    wait_until(lambda: metrics(port)['mldock_requests_total{status="200"}'] == 31)
    assert metrics(port)["mldock_rows_total"] == 61
