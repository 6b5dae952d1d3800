"""A model that answers one row with many: each is sent as soon as it is there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import Any

import pytest

from tests.mldock.serving import exchange, serve, wait_until_ready
from tests.mldock.workspace import TIMEOUT, Run, Workspace

MODEL = """\
import os
import time
from pathlib import Path

from pydantic import BaseModel

from mldock.serving import StreamService

BASE_DIR = Path(os.environ["MLDOCK_BASE_DIR"])


class Order(BaseModel):
    name: str
    parts: int = 3
    fails_at: int = -1


class Part(BaseModel):
    number: int


class Service(StreamService[Order, Part]):
    input_type, output_type = Order, Part

    def load(self, model_dir):
        self.busy = False

    def predict(self, row):
        assert not self.busy, "two calls overlap"
        self.busy = True
        if row.name == "slow":
            self.wait_for("all")
        try:
            for number in range(row.parts):
                if number == row.fails_at:
                    raise RuntimeError("no more parts")
                yield Part(number=number)
                self.wait_for(f"{row.name}-{number}")
        finally:
            self.busy = False
            (BASE_DIR / f"{row.name}-closed").touch()

    def wait_for(self, name):
        while not ({BASE_DIR / name, BASE_DIR / "all"} & set(BASE_DIR.iterdir())):
            time.sleep(0.005)
"""
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Return a project with a model that waits for a file before each further part."""
    workspace = Workspace(tmp_path_factory.mktemp("stream"))
    workspace.write("src/prediction.py", MODEL)
    yield workspace
    workspace.end()


@pytest.fixture(scope="module")
def server(workspace: Workspace) -> Run:
    """Return a server with that model."""
    return wait_until_ready(serve(workspace, MLDOCK_SERVER_TIMEOUT="30"))


@pytest.fixture
def base_dir(workspace: Workspace) -> Path:
    """Return where the files are, without those of other tests."""
    for path in workspace.base_dir.iterdir():
        if path.is_file():
            path.unlink()
    return workspace.base_dir


def open_stream(server: Run, **row: Any) -> tuple[HTTPConnection, HTTPResponse]:
    """Ask, and return when the answer begins."""
    connection = HTTPConnection(server.address.removeprefix("http://"), timeout=TIMEOUT)
    connection.request("POST", "/invocations", json.dumps(row), JSON)
    return connection, connection.getresponse()


def test_parts_come_one_by_one(server: Run, base_dir: Path) -> None:
    """Each before the model works on the next."""
    connection, response = open_stream(server, name="a")
    with closing(connection):
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/jsonlines"
        assert response.headers["X-Request-Id"]
        for number in range(3):
            assert json.loads(response.readline()) == {"number": number}
            assert not (base_dir / "a-closed").exists()
            (base_dir / f"a-{number}").touch()
        assert response.read() == b""


def test_failure_before_the_first_part(server: Run, base_dir: Path) -> None:
    """It is an error like any other, and the log has its reason."""
    (base_dir / "all").touch()
    body = json.dumps({"name": "b", "fails_at": 0}).encode()

    reply = exchange(server, "/invocations", body, JSON)

    assert reply.status == 500
    assert "The model failed: RuntimeError" in reply.error
    server.wait_for("RuntimeError: no more parts")
    # It takes one row at a time.
    reply = exchange(server, "/invocations", b'[{"name": "e"}, {"name": "f"}]', JSON)
    assert (reply.status, "2 rows" in reply.error) == (422, True)


def test_failure_after_a_part(server: Run, base_dir: Path) -> None:
    """The last line says that the answer is not whole; one may have no parts."""
    (base_dir / "all").touch()

    reply = exchange(server, "/invocations", b'{"name": "c", "fails_at": 2}', JSON)
    none = exchange(server, "/invocations", b'{"name": "d", "parts": 0}', JSON)

    lines = [json.loads(line) for line in reply.body.splitlines()]
    assert (reply.status, lines[:2]) == (200, [{"number": 0}, {"number": 1}])
    assert [list(line) for line in lines[2:]] == [["error"]]
    assert "The model failed: RuntimeError" in lines[2]["error"]
    assert (none.status, none.body) == (200, b"")


def test_client_that_leaves(server: Run, base_dir: Path) -> None:
    """The model stops working for nobody, and answers the next one."""
    connection, response = open_stream(server, name="g", parts=1_000_000)
    assert json.loads(response.readline()) == {"number": 0}
    response.close()
    connection.close()
    time.sleep(0.2)
    (base_dir / "all").touch()

    started = time.monotonic()
    server.wait_for(base_dir / "g-closed")
    assert time.monotonic() - started < 20
    assert exchange(server, "/invocations", b'{"name": "h"}', JSON).status == 200


def test_two_clients(server: Run, base_dir: Path) -> None:
    """The model answers them one after the other, and /ping meanwhile."""
    with ThreadPoolExecutor(2) as clients:
        bodies = [json.dumps({"name": name}).encode() for name in "ij"]
        asked = [clients.submit(exchange, server, "/invocations", body, JSON) for body in bodies]
        threading.Timer(0.3, (base_dir / "all").touch).start()
        assert exchange(server, "/ping").status == 200
        replies = [one.result(TIMEOUT) for one in asked]

    assert [reply.status for reply in replies] == [200, 200]
    assert [reply.body.count(b"number") for reply in replies] == [3, 3]


def test_model_that_hangs(workspace: Workspace, base_dir: Path) -> None:
    """Its worker is replaced after the timeout, so that the next one is answered."""
    server = wait_until_ready(serve(workspace, MLDOCK_SERVER_TIMEOUT="1"))
    connection, response = open_stream(server, name="k")
    with closing(connection):
        assert json.loads(response.readline()) == {"number": 0}
        server.wait_for("is replaced")
        with pytest.raises(IncompleteRead):
            response.read()
    # It has ended by itself, for its own reason.
    assert "out of memory" not in server.log
    # Before the first part the client is told, as of any prediction that takes too long.
    slow = exchange(server, "/invocations", b'{"name": "slow"}', JSON)
    assert (slow.status, "MLDOCK_SERVER_TIMEOUT" in slow.error) == (504, True)
    (base_dir / "all").touch()

    assert exchange(server, "/invocations", b'{"name": "l"}', JSON).status == 200
