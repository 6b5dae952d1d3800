"""`executor.sh serve`, as a platform runs it, with gunicorn on an address of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.container.load import Load
from tests.container.messages import Answer, Request, row, spread
from tests.mldock.serving import PREDICTION, ask, exchange, serve, wait_until_ready, with_model
from tests.mldock.workspace import TIMEOUT, Run, Workspace, assets

OBLIGING = Path(__file__).parents[1] / "container" / "obliging.py"


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    """Return a project with a trained model."""
    return with_model(workspace)


def workers(run: Run) -> list[int]:
    """Return all workers that there have been."""
    return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", run.log)]


# The workers are told to stop each second, which must not stop them twice.
@pytest.mark.parametrize(("number", "seconds"), [(signal.SIGTERM, 2.5), (signal.SIGINT, 0)])
def test_stop_answers_what_is_in_flight(
    workspace: Workspace, number: signal.Signals, seconds: float
) -> None:
    """Exit code 0; what is being answered is answered, /ping too; nothing is left behind."""
    temporary = workspace.path / "temporary"
    temporary.mkdir()
    run = serve(workspace, TMPDIR=str(temporary))
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(ask, run, "/invocations", b"21\n")
        run.wait_for(workspace.base_dir / "predicting")
        # A model that thinks for long, with a single worker, is no reason to be restarted.
        assert ask(run, "/ping") == (200, None)
        assert not answer.done()
        run.process.send_signal(number)
        run.wait_for("Handling signal: term")
        time.sleep(seconds)
        (workspace.base_dir / "answer").touch()

        assert answer.result(TIMEOUT) == (200, [{"value": 42}])
    assert run.wait() == 0, run.log
    assert list(temporary.iterdir()) == []


def test_dead_gunicorn_ends_the_container(workspace: Workspace) -> None:
    """Exit code 1, so that the platform starts a new container."""
    run = serve(workspace)
    assert ask(run, "/ping")[0] == 200
    os.kill(run.gunicorn[0], signal.SIGKILL)

    assert run.wait() == 1
    assert "gunicorn ended by itself, with exit code -9" in run.log


def test_prediction_that_takes_too_long(workspace: Workspace) -> None:
    """Its client is told what to do, and another worker answers the next one."""
    run = serve(workspace, MLDOCK_SERVER_TIMEOUT="1")

    status, answer = ask(run, "/invocations", b"21\n")

    assert status == 504
    assert "longer than 1 s" in answer["error"]
    assert "MLDOCK_SERVER_TIMEOUT" in answer["error"]
    # It has ended by itself, for its own reason.
    assert "out of memory" not in run.log
    (workspace.base_dir / "answer").touch()
    while len(workers(run)) < 2:
        time.sleep(0.01)
    assert ask(run, "/invocations", b"21\n") == (200, [{"value": 42}])


def test_killed_worker_comes_back(workspace: Workspace) -> None:
    """Only what was in flight on it is lost, and a request that fails harms no neighbour."""

    def failing(number: int) -> Request:
        return Request(row(number, deed="fail").raw, is_failure)

    def is_failure(answer: Answer) -> bool:
        return answer.status == 500 and answer.is_error

    workspace.write("src/prediction.py", OBLIGING.read_text("utf-8"))
    run = wait_until_ready(serve(workspace, MLDOCK_SERVER_WORKERS="2"))
    host, port = run.address.removeprefix("http://").split(":")
    with Load((host, int(port)), spread(*[row] * 9, failing), clients=16) as load:
        load.wait_for(200)
        os.kill(workers(run)[0], signal.SIGKILL)
        load.wait_for(1000)
        # A worker that is being replaced is no reason to send requests elsewhere.
        assert exchange(run, "/ping").status == 200

    assert load.report.wrong == []
    assert set(load.report.statuses) == {200, 500}
    assert len(load.report.failures) + load.report.refused <= load.clients
    assert len(workers(run)) == 3


def test_ping_waits_for_all(workspace: Workspace) -> None:
    """One worker that can predict is not enough."""
    slow = """
    def startup_worker(self):
        base_dir = self.environment.base_dir
        try:
            (base_dir / "first").touch(exist_ok=False)
        except FileExistsError:
            print("the second worker starts", flush=True)
            while not (base_dir / "go").exists():
                time.sleep(0.01)
    """
    workspace.write_assets(assets(serving=slow))
    run = serve(workspace, MLDOCK_SERVER_WORKERS="2")
    run.wait_for("the second worker starts")

    reply = exchange(run, "/ping")
    assert reply.status == 503
    assert "1 of 2 workers are ready" in reply.error

    (workspace.base_dir / "go").touch()
    wait_until_ready(run)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "import no_such_module\n",
            "no_such_module is not installed, and src/prediction.py needs it",
        ),
        ("", "AttributeError: module 'prediction' has no attribute 'Service'"),
        (PREDICTION.replace("float(", "int('x' + "), "ValueError: invalid literal for int()"),
        (PREDICTION.replace("factor", "gone"), "there is no model in "),
    ],
    ids=["import", "empty", "load", "no model"],
)
def test_model_that_cannot_be_loaded(workspace: Workspace, text: str, reason: str) -> None:
    """Exit code 1; the log has the reason and the place in the code, or where a model belongs."""
    workspace.write("src/prediction.py", text)

    run = serve(workspace)

    assert run.wait() == 1
    assert run.log.count("cannot be served: ") == run.log.count(f"cannot be served: {reason}") == 1
    assert ("Traceback" in run.log) == ("Error: " in reason)
    assert ("Train it first" in run.log) == ("no model" in reason)


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("MLDOCK_SERVER_WORKERS", "many", "MLDOCK_SERVER_WORKERS=many is not a positive whole"),
        ("MLDOCK_INPUT_MODEL_CHANNEL_X", "/nowhere", "/nowhere: nothing is stored there"),
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


def test_no_nginx(workspace: Workspace) -> None:
    """Where gunicorn is not to serve alone, nginx is asked for at once, in a line."""
    programs = workspace.path / "programs"
    programs.mkdir()
    for name in ("bash", "basename", "dirname"):
        (programs / name).symlink_to(str(shutil.which(name)))
    # A link would not find the packages of a virtual environment.
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (programs / "python").chmod(0o755)

    run = serve(workspace, MLDOCK_SERVER_BIND="", PATH=str(programs))

    assert run.wait() == 1
    assert "nginx is not installed" in run.log
    assert "MLDOCK_SERVER_BIND=127.0.0.1:8080" in run.log.splitlines()[-1]
    assert "Traceback" not in run.log


HOOKS = """
    def startup(self):
        super().startup()
        self.told("startup")

    def cleanup(self):
        super().cleanup()
        self.told("cleanup")

    def startup_worker(self):
        super().startup_worker()
        self.told("startup_worker")

    def cleanup_worker(self):
        super().cleanup_worker()
        self.told("cleanup_worker")

    def told(self, hook):
        import os
        print(f"hook {hook} {os.getpid()}", flush=True)
        BODY
"""


def hooks(workspace: Workspace, body: str = "pass") -> Workspace:
    """Give a project hooks that tell when they run."""
    workspace.write_assets(assets(serving=HOOKS.replace("BODY", body)))
    return workspace


def test_order_of_hooks(workspace: Workspace) -> None:
    """Once before the workers, in each worker before and after its requests, once at the end."""
    run = serve(hooks(workspace), MLDOCK_SERVER_WORKERS="2")
    run.wait_for("hook startup_worker")
    wait_until_ready(run)
    run.terminate()
    assert run.wait() == 0, run.log

    told = re.findall(r"hook (\w+) (\d+)", run.log)
    pids = {hook: [pid for name, pid in told if name == hook] for hook, _ in told}
    assert (told[0][0], told[-1][0]) == ("startup", "cleanup")
    assert pids["startup"] == pids["cleanup"] == [str(run.process.pid)]
    assert len(set(pids["startup_worker"])) == 2
    assert set(pids["cleanup_worker"]) == set(pids["startup_worker"])


@pytest.mark.parametrize("hook", ["startup", "startup_worker", "cleanup"])
def test_hook_that_fails(workspace: Workspace, hook: str) -> None:
    """The container ends with exit code 1, and the reason is in the log."""
    run = serve(hooks(workspace, f"assert hook != '{hook}', 'no licence'"))
    if hook == "cleanup":
        run.wait_for("hook startup_worker")
        run.terminate()

    assert run.wait() == 1, run.log
    assert "AssertionError: no licence" in run.log


def test_stop_while_starting(workspace: Workspace) -> None:
    """A server that still downloads its model does not wait for the end of that to stop."""
    run = serve(hooks(workspace, "time.sleep(60)"))
    run.wait_for("hook startup")
    run.terminate()

    assert run.wait() == 0, run.log
    assert "hook cleanup" not in run.log


def test_start_and_stop_are_three_lines(workspace: Workspace) -> None:
    """They say what a reader of the log wants to know, and no more."""
    run = serve(workspace, GUNICORN_CMD_ARGS="")
    run.wait_for("INFO serve: ready at ")
    run.process.terminate()
    assert run.wait() == 0, run.log
    told = [line.partition(" INFO serve: ")[2] for line in run.log.splitlines()]
    assert [text.partition(" at ")[0] for text in told] == [
        "ready",
        "stopping after SIGTERM: what has been asked is answered",
        "stopped",
    ]
