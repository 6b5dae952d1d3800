"""`executor.sh train` and SIGTERM: the job is asked to stop, and saves what there is."""

from __future__ import annotations

import pytest

from tests.runtime.workspace import SAVE, Run, Workspace

TRAINING = '(environment.base_dir / "training").touch()\n'


def stopped(workspace: Workspace, body: str) -> Run:
    """Return a job that was asked to stop in its trainer, where it waits for ever."""
    workspace.write_trainer(SAVE + TRAINING + body)
    run = workspace.start("train", MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(workspace.path / "kept"))
    run.wait_for(workspace.base_dir / "training")
    run.terminate()
    return run


WAIT = "wait_for(environment.base_dir / 'never')"
SWALLOW = f"""
while True:
    try:
        {WAIT}
    except Exception:
        pass
"""


@pytest.mark.parametrize("body", [WAIT, SWALLOW], ids=["waits", "swallows exceptions"])
def test_stop_is_no_failure(workspace: Workspace, body: str) -> None:
    """Exit code 0, outputs kept, no failure file; also where the trainer catches exceptions."""
    run = stopped(workspace, body)

    assert run.wait() == 0, run.log
    assert (workspace.path / "kept" / "weights").read_text() == "0.5"
    assert "stopped by SIGTERM" in run.log
    assert workspace.failure == ""


LAST_WORDS = f"""
try:
    {WAIT}
except StopRequested:
    (environment.base_dir / "stopping").touch()
    wait_for(environment.base_dir / "go on")
    (environment.model_dir / "net" / "checkpoint").touch()
    raise
"""


def test_second_sigterm_does_not_disturb(workspace: Workspace) -> None:
    """Who saves a checkpoint when asked to stop is not interrupted by being asked again."""
    run = stopped(workspace, LAST_WORDS)
    run.wait_for(workspace.base_dir / "stopping")
    run.terminate()
    (workspace.base_dir / "go on").touch()

    assert run.wait() == 0, run.log
    assert (workspace.path / "kept" / "checkpoint").is_file()


def test_failure_while_stopping_is_a_failure(workspace: Workspace) -> None:
    """A checkpoint that could not be saved is told; what there is is kept."""
    run = stopped(workspace, LAST_WORDS.replace("raise", "raise OSError('disk full')"))
    (workspace.base_dir / "go on").touch()

    assert run.wait() == 1
    assert workspace.failure.startswith("OSError: disk full")
    assert (workspace.path / "kept.failed" / "weights").is_file()


# It strikes while Popen looks after the trainer, between two instructions.
STRIKE = """
import os
import signal
import subprocess
from pathlib import Path

from container.lifecycle import ServingLifecycle as ServingContainer
from container.lifecycle import TrainingLifecycle as TrainingContainer

TRAINING = Path(os.environ["MLDOCK_BASE_DIR"], "training")


class Lock:
    def __init__(self, lock):
        self.lock, self.release = lock, lock.release

    def acquire(self, *arguments):
        taken = self.lock.acquire(*arguments)
        if TRAINING.exists():
            os.kill(os.getpid(), signal.SIGTERM)
        return taken


class Popen(subprocess.Popen):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._waitpid_lock = Lock(self._waitpid_lock)


subprocess.Popen = Popen
"""


def test_sigterm_at_the_worst_moment(workspace: Workspace) -> None:
    """The job sees that its trainer has stopped, whatever it was doing when it was told."""
    workspace.write_assets(STRIKE)
    workspace.write_trainer(SAVE + TRAINING + WAIT)

    run = workspace.start("train", MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(workspace.path / "kept"))

    assert run.wait() == 0, run.log
    assert (workspace.path / "kept" / "weights").read_text() == "0.5"


# It strikes while the interpreter takes itself apart.
LATE = """
import os
import signal

from container.lifecycle import ServingLifecycle as ServingContainer
from container.lifecycle import TrainingLifecycle as TrainingContainer


class End:
    def __del__(self, kill=os.kill, process=os.getpid(), number=signal.SIGTERM):
        kill(process, number)


END = End()
"""


def test_sigterm_at_the_very_end(workspace: Workspace) -> None:
    """A job that has done all is complete, though it is told to stop before it is gone."""
    workspace.write_assets(LATE)
    workspace.write_trainer(SAVE)

    run = workspace.train(MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(workspace.path / "kept"))

    assert run.wait() == 0, run.log


SLOW_STORE = """
import time

from container.lifecycle import ServingLifecycle, TrainingLifecycle


class TrainingContainer(TrainingLifecycle):
    def cleanup(self):
        (self.environment.base_dir / "saving").touch()
        while not (self.environment.base_dir / "go on").exists():
            time.sleep(0.01)
        super().cleanup()


class ServingContainer(ServingLifecycle):
    pass
"""


@pytest.mark.parametrize(
    ("end", "code", "place"), [("return", 0, "kept"), ("raise ValueError('NaN')", 1, "kept.failed")]
)
def test_sigterm_does_not_disturb_the_saving(
    workspace: Workspace, end: str, code: int, place: str
) -> None:
    """A job that is asked to stop when its trainer has ended saves all, and ends as it would."""
    workspace.write_assets(SLOW_STORE)
    workspace.write_trainer(SAVE + end)
    run = workspace.start("train", MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(workspace.path / "kept"))
    run.wait_for(workspace.base_dir / "saving")
    run.terminate()
    (workspace.base_dir / "go on").touch()

    assert run.wait() == code, run.log
    assert (workspace.path / place / "weights").read_text() == "0.5"


def test_executor_is_replaced(workspace: Workspace) -> None:
    """The shell hands its process over, or no signal would reach the trainer."""
    workspace.write_trainer(f"(environment.base_dir / str(os.getppid())).touch()\n{WAIT}")

    run = workspace.start("train")
    run.wait_for(workspace.base_dir / str(run.process.pid))
    run.terminate()

    assert run.wait() == 0, run.log
