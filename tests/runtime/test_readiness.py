"""When /ping says that the server is ready."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from container.prediction.readiness import Readiness
from tests.runtime.serving import exchange, serve, wait_until_ready, with_model
from tests.runtime.workspace import Workspace

SLOW_SECOND_WORKER = """
import time
from pathlib import Path

from container.lifecycle import ServingLifecycle, TrainingLifecycle


class TrainingContainer(TrainingLifecycle):
    pass


class ServingContainer(ServingLifecycle):
    def startup_worker(self):
        super().startup_worker()
        base_dir = self.environment.base_dir
        try:
            (base_dir / "first").touch(exist_ok=False)
        except FileExistsError:
            print("the second worker starts", flush=True)
            while not (base_dir / "go").exists():
                time.sleep(0.01)
"""


def test_every_worker_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason tells how many are missing; a worker that comes later is no reason again."""
    readiness = Readiness(tmp_path, 2)
    assert "0 of 2 workers are ready" in readiness.fault()
    readiness.announce()
    readiness.announce()
    assert "1 of 2 workers are ready" in readiness.fault()
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    readiness.announce()
    assert readiness.fault() == ""
    assert Readiness(tmp_path, 2).fault() == ""


def test_ping_waits_for_all(workspace: Workspace) -> None:
    """One worker that can predict is not enough."""
    with_model(workspace).write_assets(SLOW_SECOND_WORKER)
    run = serve(workspace, MLDOCK_SERVER_WORKERS="2")
    run.wait_for("the second worker starts")

    reply = exchange(run, "/ping")
    assert reply.status == 503
    assert "1 of 2 workers are ready" in reply.error

    (workspace.base_dir / "go").touch()
    wait_until_ready(run)
