"""How workers begin: a model is loaded where it works, and one that hangs ends the server."""

from __future__ import annotations

import json
import re

import pytest

from tests.mldock.serving import exchange, number_model, serve, wait_until_ready
from tests.mldock.workspace import Workspace, assets

JSON = {"Content-Type": "application/json"}

# As OpenMP's and those of other runtimes, the thread does the work, and is not in a forked process.
THREAD = """\
self.asked, self.answers = queue.Queue(), queue.Queue()
        def work():
            while True:
                self.answers.put(self.asked.get())
        threading.Thread(target=work, daemon=True).start()
"""
ASK_THREAD = "self.asked.put(rows); rows = self.answers.get()"


@pytest.mark.parametrize("reload", ["off", "on"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_model_with_threads(workspace: Workspace, workers: str, reload: str) -> None:
    """Each worker loads its own, and answers."""
    workspace.write("src/prediction.py", number_model(THREAD, ASK_THREAD))

    run = serve(workspace, MLDOCK_SERVER_WORKERS=workers, MLDOCK_SERVER_RELOAD=reload)

    wait_until_ready(run)
    reply = exchange(run, "/invocations", b'{"value": 2}', JSON)
    assert (reply.status, json.loads(reply.body)) == (200, {"value": 2})
    booted = re.findall(r"Booting worker with pid: (\d+)", run.log)
    assert set(booted) <= set(re.findall(r"loaded by (\d+)", run.log))


def test_model_without_threads_is_shared(workspace: Workspace) -> None:
    """It is loaded once, before the workers are forked, whose memory then holds one copy of it."""
    workspace.write("src/prediction.py", number_model())

    run = wait_until_ready(serve(workspace, MLDOCK_SERVER_WORKERS="2"))

    assert run.log.count("loaded by") == 1
    assert run.log.count("Booting worker") == 2


HOOK = "def startup_worker(self):\n        import time; time.sleep(600)"
DEADLOCK = "lock = threading.Lock(); lock.acquire(); lock.acquire()"


@pytest.mark.parametrize(
    ("prediction", "hooks", "place"),
    [
        (number_model(load=DEADLOCK), "", r"load \(\S+/src/prediction.py, line \d+\)"),
        # It keeps the interpreter, so that no thread of Python's would notice.
        (number_model(load="sum(iter(int, 1))"), "", r"load \(\S+/src/prediction.py, line \d+\)"),
        (number_model(predict=DEADLOCK), "", r"predict \(\S+/src/prediction.py, line \d+\)"),
        (number_model(), HOOK, r"startup_worker \(\S+assets.py"),
    ],
    ids=["load", "busy load", "warm-up", "hook"],
)
def test_start_that_hangs(workspace: Workspace, prediction: str, hooks: str, place: str) -> None:
    """The server ends after a while, and says where it hung and what to set."""
    workspace.write("src/prediction.py", prediction)
    if hooks:
        workspace.write_assets(assets(serving=hooks))

    run = serve(workspace, MLDOCK_SERVER_START_TIMEOUT="2")

    assert run.wait() == 1
    line = rf"ERROR serve: the model was not ready after 2 s: it hung in {place}"
    assert re.search(line, run.log), run.log
    assert "MLDOCK_SERVER_START_TIMEOUT" in run.log


def test_event_loop_that_hangs(workspace: Workspace) -> None:
    """Its worker is replaced, with the place in the log; the next request is answered."""
    # Fast enough to be asked in the event loop.
    hang = "time.sleep(600 if rows[0].value == 666 else 0)"
    workspace.write("src/prediction.py", number_model(predict=hang))
    run = wait_until_ready(serve(workspace, MLDOCK_SERVER_TIMEOUT="1"))
    for _ in range(20):
        exchange(run, "/invocations", b'{"value": 1}', JSON)

    with pytest.raises(ConnectionError):
        exchange(run, "/invocations", b'{"value": 666}', JSON)

    assert re.search(r'File "\S+/src/prediction.py", line \d+ in predict', run.log)
    assert exchange(run, "/invocations", b'{"value": 3}', JSON).status == 200
