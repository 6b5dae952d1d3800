"""`serve --reload`: an edit of the sources is live at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.mldock.serving import Reply, exchange, serve, wait_until_ready
from tests.mldock.workspace import TIMEOUT, Run, Workspace

# On a machine with others' work; by itself it takes a fraction of a second.
SECONDS = 5.0

MODEL = """\
from pydantic import BaseModel, Field

import helper
from mldock.serving import ModelService


class Number(BaseModel):
    value: float = Field(examples=[1])


class Service(ModelService[Number, Number]):
    input_type = output_type = Number

    def load(self, model_dir):
        pass

    def predict(self, rows):
        return [Number(value=helper.FACTOR * row.value) for row in rows]
"""
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server(workspace: Workspace) -> Run:
    """Return a server that reloads; it has begun with a mistake, which was told and mended."""
    workspace.write("src/prediction.py", "import no_such_module\n")
    run = serve(workspace, MLDOCK_SERVER_RELOAD="on")
    assert "no_such_module" in answer(run).error
    workspace.write("src/helper.py", "FACTOR = 2\n")
    workspace.write("src/prediction.py", MODEL)
    wait_until(has(2), run, times=5)
    return run


def answer(run: Run) -> Reply:
    """Ask for a row."""
    return exchange(run, "/invocations", b'{"value": 1}', JSON)


def wait_until(
    holds: Callable[[Reply], bool], run: Run, ask: Callable[[Run], Reply] = answer, times: int = 1
) -> float:
    """Wait until so many answers in a row are as they should be, and return how long that took."""
    start = time.monotonic()
    in_a_row = 0
    while in_a_row < times:
        reply = ask(run)
        in_a_row = in_a_row + 1 if holds(reply) else 0
        assert time.monotonic() - start < TIMEOUT, (reply, run.log)
        time.sleep(0.02)
    return time.monotonic() - start


def has(value: float) -> Callable[[Reply], bool]:
    """Return what says whether an answer has a value."""
    return lambda reply: reply.status == 200 and json.loads(reply.body) == {"value": value}


def test_edit_is_live(workspace: Workspace, server: Run) -> None:
    """Of what the model imports, and of the model; several within a second too."""
    for factor in (3, 4, 5, 6):
        if factor < 5:
            workspace.write("src/helper.py", f"FACTOR = {factor}\n")
        else:
            workspace.write("src/prediction.py", MODEL.replace("helper.FACTOR", str(factor)))
        seconds = wait_until(has(factor), server)
        print(f"live after {seconds:.2f} s")
        assert seconds < SECONDS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("class Service(:\n", "SyntaxError"),
        (MODEL.replace("pass", "raise OSError('no weights')"), "no weights"),
        ("raise SystemExit('no data')\n", "no data"),
    ],
    ids=["syntax", "load", "exit"],
)
def test_mistake_is_told(workspace: Workspace, server: Run, text: str, reason: str) -> None:
    """Each request is answered with it, until the next edit mends it."""
    workspace.write("src/prediction.py", text)
    # In a row, since the workers that are replaced may still answer what they had accepted.
    for ask in (answer, lambda run: exchange(run, "/ping")):
        wait_until(lambda reply: reply.status == 503 and reason in reply.error, server, ask, 20)

    workspace.write("src/prediction.py", MODEL.replace("helper.FACTOR", "7"))
    assert wait_until(has(7), server) < SECONDS
    wait_until_ready(server)


def test_requests_during_a_reload(workspace: Workspace, server: Run) -> None:
    """All are answered, by the one or the other."""
    done = False

    def ask_on() -> set[tuple[int, bytes]]:
        found = set()
        while not done:
            reply = answer(server)
            found.add((reply.status, reply.body))
        return found

    with ThreadPoolExecutor(2) as clients:
        asked = [clients.submit(ask_on) for _ in range(2)]
        try:
            workspace.write("src/helper.py", "FACTOR = 3\n")
            wait_until(has(3), server)
        finally:
            done = True
    found = set.union(*(one.result(TIMEOUT) for one in asked))
    assert found <= {(200, b'{"value":2.0}'), (200, b'{"value":3.0}')}
