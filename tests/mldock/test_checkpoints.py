"""Checkpoints outlast the container: a job that was stopped or killed goes on where it was."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from mldock import ContainerError, Environment
from mldock.checkpoints import Checkpoints

from tests.mldock.storage.tools import make_tree, tree
from tests.mldock.workspace import TIMEOUT, Workspace, assets

# Counts to ten, a step a time; waits where it is told to.
COUNTING = """
path = environment.checkpoint_dir / "step"
step = int(path.read_text()) if path.exists() else 0
(environment.base_dir / "began at").write_text(str(step))
while step < 10:
    step += 1
    partial = path.with_name(".step.partial")
    partial.write_text(str(step))
    partial.replace(path)
    if step == 4 and not (environment.base_dir / "again").exists():
        (environment.base_dir / "waiting").touch()
        wait_for(environment.base_dir / "never")
(environment.model_dir / "net").mkdir()
(environment.model_dir / "net" / "weights").write_text(str(step))
path.unlink()
"""


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Return where the checkpoints are kept."""
    return tmp_path / "remote"


def test_stopped_job_goes_on(workspace: Workspace, remote: Path) -> None:
    """The next container, with an empty disk, begins where the first was stopped."""
    workspace.write_trainer(COUNTING)
    run = workspace.start("train", MLDOCK_CHECKPOINTS=str(remote))
    run.wait_for(workspace.base_dir / "waiting")
    run.terminate()
    assert run.wait() == 0, run.log
    assert (remote / "step").read_text() == "4"
    shutil.rmtree(workspace.base_dir)
    workspace.base_dir.mkdir()
    (workspace.base_dir / "again").touch()

    run = workspace.train(MLDOCK_CHECKPOINTS=str(remote))

    assert run.wait() == 0, run.log
    assert (workspace.base_dir / "began at").read_text() == "4"
    assert (workspace.base_dir / "model" / "net" / "weights").read_text() == "10"
    # The trainer has deleted it, so the next run begins anew.
    assert list(remote.iterdir()) == []


def test_kept_while_the_trainer_runs(workspace: Workspace, remote: Path) -> None:
    """A machine that is lost without a word costs what was done since the last saving."""
    text = assets() + 'import sys\nsys.modules["__main__"].CHECKPOINT_INTERVAL = 0.2\n'
    workspace.write_assets(text)
    workspace.write_trainer(COUNTING)
    run = workspace.start("train", MLDOCK_CHECKPOINTS=str(remote))

    deadline = time.monotonic() + TIMEOUT
    while not ((remote / "step").exists() and (remote / "step").read_text() == "4"):
        assert time.monotonic() < deadline, run.log
        time.sleep(0.05)
    assert run.process.poll() is None


def test_only_what_changed_is_stored(tmp_path: Path, remote: Path) -> None:
    """A host does not write or delete what it has not touched, nor what is half written."""
    first, second = (
        Checkpoints(Environment(tmp_path / name, {"MLDOCK_CHECKPOINTS": str(remote)}))
        for name in ("first", "second")
    )
    remote.mkdir()
    (remote / "shared").write_text("old")
    for checkpoints in (first, second):
        checkpoints.directory.mkdir(parents=True)
        checkpoints.restore()
    (first.directory / "shared").write_text("new")
    (second.directory / "own").write_text("2")
    (second.directory / ".last.pt.partial").touch()

    first.sync()
    second.sync()

    assert (remote / "shared").read_text() == "new"
    assert (remote / "own").read_text() == "2"
    (second.directory / "own").unlink()
    second.sync()
    assert [path.name for path in remote.iterdir()] == ["shared"]


def test_checkpoint_that_cannot_be_stored(tmp_path: Path) -> None:
    """One whose name no store takes fails each time, but not all others with it."""
    remote, environment = tmp_path / "c", {"MLDOCK_CHECKPOINTS": str(tmp_path / "c")}
    remote.mkdir()
    checkpoints = Checkpoints(Environment(tmp_path, environment))
    make_tree(checkpoints.directory, {"a": b"1", "\udcff": b"2"})

    for _ in range(2):
        with pytest.raises(ContainerError, match="is not a name in UTF-8"):
            checkpoints.sync()
        (remote / "a").write_bytes(b"as it was")

    checkpoints.directory.joinpath("\udcff").unlink()
    checkpoints.sync()
    assert tree(remote) == {"a": b"as it was"}


def test_store_that_fails_is_named(workspace: Workspace) -> None:
    """Checkpoints that cannot be restored are no reason to begin anew: the job ends."""
    workspace.write_trainer(COUNTING)

    assert workspace.train(MLDOCK_CHECKPOINTS="ftp://host/x").wait() == 1
    assert workspace.failure.startswith("MLDOCK_CHECKPOINTS=ftp://host/x: no platform moves ftp://")
