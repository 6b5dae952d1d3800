"""A training that is stopped while joblib or Dask works for it, and one that has used them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mldock.workspace import Workspace

IMPORTS = """\
import signal

from joblib import Parallel, delayed
from distributed import Client, LocalCluster


def work(folder, seconds, deaf=False):
    if deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / f"begun-{os.getpid()}").touch()
    time.sleep(seconds)

"""

JOBLIB = "Parallel(n_jobs=2)(delayed(work)(environment.base_dir, {}) for _ in range(2))"
DASK = """
with LocalCluster(n_workers=1, dashboard_address=None) as cluster, Client(cluster) as client:
    client.submit(work, environment.base_dir, {}).result()
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a project whose containers are ended after the test."""
    workspace = Workspace(tmp_path)
    yield workspace
    workspace.end()


def write(workspace: Workspace, body: str) -> None:
    """Write a trainer."""
    workspace.write_trainer(body)
    path = workspace.src / "trainer.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("class Hyper", f"{IMPORTS}\nclass Hyper", 1), "utf-8")


def is_running(pid: int) -> bool:
    """Return whether a process runs."""
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(") ")[2][0] != "Z"


@pytest.mark.parametrize(
    "body",
    [JOBLIB.format(600), JOBLIB.format("600, True"), DASK.format(600)],
    ids=["joblib", "joblib deaf", "dask"],
)
def test_stop(workspace: Workspace, body: str) -> None:
    """It is stopped, not failed, and none of its workers is left."""
    write(workspace, body)
    run = workspace.start("train", MLDOCK_STOP_GRACE="15", MLDOCK_STOPPED_EXIT_CODE="")
    while not (begun := list(workspace.base_dir.glob("begun-*"))):
        assert run.process.poll() is None, run.log
        time.sleep(0.05)
    run.terminate()

    assert run.wait() == 143, run.log
    assert workspace.failure == ""
    assert not any(is_running(int(path.name.partition("-")[2])) for path in begun)


@pytest.mark.parametrize("body", [JOBLIB.format(0), DASK.format(0)], ids=["joblib", "dask"])
def test_return(workspace: Workspace, body: str) -> None:
    """Workers that wait for more work are no reason to wait."""
    write(workspace, body)

    run = workspace.train()

    assert run.wait() == 0, run.log
    assert "still alive" not in run.log
