"""`executor.sh serve`, as a platform runs it, with gunicorn on an address of its own."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.runtime.workspace import TIMEOUT, Run, Workspace

PREDICTION = '''\
"""A model that multiplies, when a file lets it."""

import os
import time
from pathlib import Path

from pydantic import BaseModel

from container.prediction.service import ModelService

BASE_DIR = Path(os.environ["MLDOCK_BASE_DIR"])


class Number(BaseModel):
    value: float


class Service(ModelService):
    input_type = output_type = Number

    def load(self, model_dir):
        self.factor = float((model_dir / "net" / "factor").read_text())

    def predict(self, rows):
        (BASE_DIR / "predicting").touch()
        deadline = time.monotonic() + 30
        # No sleep: it would be gevent's, and free the event loop as no model does.
        while not (BASE_DIR / "answer").exists() and time.monotonic() < deadline:
            pass
        return [Number(value=self.factor * row.value) for row in rows]
'''


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """Return a project with a trained model."""
    workspace.write("src/prediction.py", PREDICTION)
    model = workspace.base_dir / "model" / "net"
    model.mkdir(parents=True)
    (model / "factor").write_text("2")
    return workspace


def serve(workspace: Workspace, **variables: str) -> Run:
    """Start a server with one worker on a free port."""
    return workspace.start(
        "serve",
        **{"MLDOCK_SERVER_BIND": "127.0.0.1:0", "MLDOCK_SERVER_WORKERS": "1"} | variables,
    )


def ask(run: Run, path: str, body: bytes | Iterable[bytes] | None = None) -> tuple[int, Any]:
    """Send a request, and return the status and the JSON of the answer."""
    # What is sent before a worker is there waits for it.
    run.wait_for("Listening at: ")
    request = urllib.request.Request(run.address + path, body, {"Content-Type": "text/csv"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


# The workers are told to stop each second, which must not stop them twice.
@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGTERM, 2.5), (signal.SIGINT, 0)])
def test_stop_answers_what_is_in_flight(
    workspace: Workspace, number: signal.Signals, seconds: float
) -> None:
    """Exit code 0; the request that is being answered is answered; nothing is left behind."""
    temporary = workspace.path / "temporary"
    temporary.mkdir()
    run = serve(workspace, TMPDIR=str(temporary))
    with ThreadPoolExecutor(1) as client:
        answer = client.submit(ask, run, "/invocations", b"21\n")
        run.wait_for(workspace.base_dir / "predicting")
        run.process.send_signal(number)
        run.wait_for("Handling signal: term")
        time.sleep(seconds)
        (workspace.base_dir / "answer").touch()

        assert answer.result(TIMEOUT) == (200, [{"value": 42}])
    assert run.wait() == 0, run.log
    assert list(temporary.iterdir()) == []


def test_ping_answers_during_a_prediction(workspace: Workspace) -> None:
    """A model that thinks for long, with a single worker, is no reason to be restarted."""
    run = serve(workspace)
    with ThreadPoolExecutor(1) as client:
        answer = client.submit(ask, run, "/invocations", b"21\n")
        run.wait_for(workspace.base_dir / "predicting")

        assert ask(run, "/ping") == (200, None)
        assert not answer.done()
        (workspace.base_dir / "answer").touch()
        assert answer.result(TIMEOUT)[0] == 200


def test_dead_gunicorn_ends_the_container(workspace: Workspace) -> None:
    """Exit code 1, so that the platform starts a new container."""
    run = serve(workspace)
    assert ask(run, "/ping")[0] == 200
    os.kill(run.gunicorn[0], signal.SIGKILL)

    assert run.wait() == 1
    assert "gunicorn ended by itself, with exit code -9" in run.log


def test_payload_limit(workspace: Workspace) -> None:
    """SageMaker's variable sets the largest body; what is too large is not even read."""
    (workspace.base_dir / "answer").touch()
    run = serve(workspace, SAGEMAKER_MAX_PAYLOAD_IN_MB="1")

    # Blank lines are no rows.
    assert ask(run, "/invocations", b"1\n".ljust(2**20, b"\n"))[0] == 200
    connection = HTTPConnection(run.address.removeprefix("http://"), timeout=TIMEOUT)
    with closing(connection):
        headers = {"Content-Type": "text/csv", "Content-Length": str(2**20 + 1)}
        connection.request("POST", "/invocations", headers=headers)
        assert connection.getresponse().status == 413


def test_chunked_body(workspace: Workspace) -> None:
    """A client need not know the length of what it sends."""
    (workspace.base_dir / "answer").touch()
    run = serve(workspace)

    assert ask(run, "/invocations", iter([b"1\n", b"2\n"])) == (200, [{"value": 2}, {"value": 4}])


def test_model_channel_is_fetched_first(workspace: Workspace) -> None:
    """The model may come from its channel."""
    source = workspace.path / "models" / "net"
    source.mkdir(parents=True)
    (source / "factor").write_text("3")
    (workspace.base_dir / "answer").touch()

    run = serve(workspace, MLDOCK_INPUT_MODEL_CHANNEL_NET=str(source))

    assert ask(run, "/invocations", b"2\n") == (200, [{"value": 6}])


def test_no_model(workspace: Workspace) -> None:
    """Exit code 1; the log says where the model should be, without a traceback."""
    (workspace.base_dir / "model" / "net" / "factor").unlink()

    run = serve(workspace)

    assert run.wait() == 1
    assert f"the model in {workspace.base_dir / 'model'} cannot be served" in run.log
    assert "FileNotFoundError" in run.log
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("class Service(:\n", "SyntaxError: "),
        ("", "AttributeError: module 'prediction' has no attribute 'Service'"),
        (PREDICTION.replace("float(", "int('x' + "), "ValueError: invalid literal for int()"),
    ],
    ids=["import", "syntax", "empty", "load"],
)
def test_model_that_cannot_be_loaded(workspace: Workspace, text: str, reason: str) -> None:
    """Exit code 1; the log has the reason, and the place in the person's code."""
    workspace.write("src/prediction.py", text)

    run = serve(workspace)

    assert run.wait() == 1
    assert f"cannot be served ({reason}" in run.log
    assert "Traceback" in run.log


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("MLDOCK_SERVER_WORKERS", "many", "MLDOCK_SERVER_WORKERS=many is not a positive whole"),
        ("MLDOCK_SERVER_TIMEOUT", "0", "MLDOCK_SERVER_TIMEOUT=0 is not a positive whole number"),
        ("MLDOCK_INPUT_MODEL_CHANNEL_X", "/nowhere", "/nowhere does not exist"),
    ],
)
def test_wrong_setting_is_one_line(
    workspace: Workspace, variable: str, value: str, reason: str
) -> None:
    """A mistake in a variable ends the server with exit code 1 and a line that explains it."""
    run = serve(workspace, **{variable: value})

    assert run.wait() == 1
    assert reason in run.log.splitlines()[-1]
    assert "Traceback" not in run.log
