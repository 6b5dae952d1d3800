"""`executor.sh serve`, as a platform runs it, with gunicorn on an address of its own."""

from __future__ import annotations

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests import client
from tests.client import free_port, wait_until_ready
from tests.container.messages import Request, post, send
from tests.runtime.serving import ask, serve, with_model
from tests.runtime.workspace import TIMEOUT, Workspace


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """Return a project with a trained model."""
    return with_model(workspace)


# The workers are told to stop each second, which must not stop them twice.
@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGTERM, 2.5), (signal.SIGINT, 0)])
def test_stop_answers_what_is_in_flight(
    workspace: Workspace, number: signal.Signals, seconds: float
) -> None:
    """Exit code 0; the request that is being answered is answered; nothing is left behind."""
    temporary = workspace.path / "temporary"
    temporary.mkdir()
    run = serve(workspace, TMPDIR=str(temporary))
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(ask, run, "/invocations", b"21\n")
        run.wait_for(workspace.base_dir / "predicting")
        run.process.send_signal(number)
        run.wait_for("Handling signal: term")
        time.sleep(seconds)
        (workspace.base_dir / "answer").touch()

        assert answer.result(TIMEOUT) == (200, [{"value": 42}])
    assert run.wait() == 0, run.log
    assert list(temporary.iterdir()) == []


def test_stop_asked_many_times(workspace: Workspace) -> None:
    """Signals that come while another is handled end the server once, in order."""
    run = serve(workspace)
    assert ask(run, "/ping")[0] == 200
    for _ in range(50):
        run.process.send_signal(signal.SIGTERM)
        run.process.send_signal(signal.SIGINT)

    assert run.wait() == 0, run.log


def test_ping_answers_during_a_prediction(workspace: Workspace) -> None:
    """A model that thinks for long, with a single worker, is no reason to be restarted."""
    run = serve(workspace)
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(ask, run, "/invocations", b"21\n")
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


def test_prediction_that_takes_too_long(workspace: Workspace) -> None:
    """Its client is told what to do, and another worker answers the next one."""
    run = serve(workspace, MLDOCK_SERVER_TIMEOUT="1")

    status, answer = ask(run, "/invocations", b"21\n")

    assert status == 504
    assert "longer than 1 s" in answer["error"]
    assert "MLDOCK_SERVER_TIMEOUT" in answer["error"]
    (workspace.base_dir / "answer").touch()
    assert ask(run, "/invocations", b"21\n") == (200, [{"value": 42}])


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_on_the_port_of_sagemaker(workspace: Workspace) -> None:
    """It listens where SageMaker says, answers its own refusals in JSON, and ends in order."""
    (workspace.base_dir / "answer").touch()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    run = serve(
        workspace,
        MLDOCK_SERVER_BIND="",
        SAGEMAKER_BIND_TO_PORT=str(port),
        SAGEMAKER_MAX_PAYLOAD_IN_MB="1",
        MLDOCK_SERVER_METRICS_PORT="0",
    )
    wait_until_ready(url, lambda: run.log)

    headers = {"Content_Type": "text/csv", "Accept": "application/json"}
    assert client.ask(url, "/invocations", b"21\n", **headers) == (200, b'[{"value":42.0}]')
    head = post(bytes(2**20 + 1))[: -(2**20) - 1]
    answer = send(("127.0.0.1", port), Request(head, bool))
    assert (answer.status, answer.is_error) == (413, True)
    run.terminate()
    assert run.wait() == 0, run.log
