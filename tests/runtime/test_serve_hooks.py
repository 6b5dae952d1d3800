"""`ServingContainer`: what a person adds around the server, and around each worker."""

from __future__ import annotations

import re

import pytest

from tests.runtime.serving import serve, wait_until_ready, with_model
from tests.runtime.workspace import Workspace

ASSETS = """
import os
import time

from container.lifecycle import ServingLifecycle, TrainingLifecycle


class TrainingContainer(TrainingLifecycle):
    pass


class ServingContainer(ServingLifecycle):
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
        print(f"hook {hook} {os.getpid()}", flush=True)
        BODY
"""


def hooks(workspace: Workspace, body: str = "pass") -> Workspace:
    """Give a project with a model hooks that tell when they run."""
    with_model(workspace).write_assets(ASSETS.replace("BODY", body))
    return workspace


def test_order(workspace: Workspace) -> None:
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
