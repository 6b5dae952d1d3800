"""`executor.sh train` and SIGTERM: the job is asked to stop, and saves what there is."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.mldock.workspace import SAVE, Run, Workspace, assets

TRAINING = '(environment.base_dir / "training").touch()\n'
WAIT = "wait_for(environment.base_dir / 'never')"


def stopped(workspace: Workspace, body: str, **variables: str) -> Run:
    """Return a job that was asked to stop in its trainer, where it waits for ever."""
    workspace.write_trainer(SAVE + body if TRAINING in body else SAVE + TRAINING + body)
    variables["MLDOCK_OUTPUT_MODEL_CHANNEL_NET"] = str(workspace.path / "kept")
    run = workspace.start("train", **variables)
    run.wait_for(workspace.base_dir / "training")
    run.terminate()
    return run


def test_stop_is_no_failure(workspace: Workspace, kept: Path) -> None:
    """Exit code 0, outputs kept, no failure file; also where the trainer catches exceptions."""
    swallow = "while True:\n    try:\n        {}\n    except Exception:\n        pass"

    run = stopped(workspace, swallow.format(WAIT))

    assert run.wait() == 0, run.log
    assert (kept / "weights").read_text() == "0.5"
    assert "stopped by SIGTERM" in run.log
    assert workspace.failure == ""


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM"), (signal.SIGHUP, 129, "the")],
)
def test_stop_outside_of_a_container(
    workspace: Workspace, number: signal.Signals, code: int, name: str
) -> None:
    """What comes next in a script does not take a job that was cut short for a success."""
    workspace.write_trainer(TRAINING + WAIT)
    run = workspace.start("train", MLDOCK_STOPPED_EXIT_CODE="")
    run.wait_for(workspace.base_dir / "training")
    run.process.send_signal(number)

    assert run.wait() == code, run.log
    assert f"stopped by {name}" in run.log
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


@pytest.mark.parametrize(
    ("end", "code", "place"),
    [("raise", 0, "kept"), ("raise OSError('disk full')", 1, "kept.failed")],
)
def test_last_words(workspace: Workspace, end: str, code: int, place: str) -> None:
    """Who saves when asked to stop is not disturbed by a second SIGTERM; a failure is one."""
    run = stopped(workspace, LAST_WORDS.replace("raise", end))
    run.wait_for(workspace.base_dir / "stopping")
    run.terminate()
    (workspace.base_dir / "go on").touch()

    assert run.wait() == code, run.log
    assert (workspace.path / place / "checkpoint").is_file()
    assert workspace.failure.startswith("OSError: disk full" if code else "")


def test_trainer_that_does_not_stop(workspace: Workspace) -> None:
    """A trainer that is deaf, as in a long call of native code, leaves time to save outputs."""
    block = "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})"
    body = f"import signal\n{block}\n{TRAINING}time.sleep(60)"

    run = stopped(workspace, body, MLDOCK_STOP_GRACE="3")

    assert run.wait() == 1
    assert workspace.failure.startswith("the trainer did not stop within 2 s of SIGTERM")
    assert (workspace.path / "kept.failed" / "weights").is_file()


# It strikes while Popen looks after the trainer, between two instructions.
STRIKE = """
import os
import signal
import subprocess
from pathlib import Path

from mldock import ServingLifecycle as ServingContainer
from mldock import TrainingLifecycle as TrainingContainer

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


def test_sigterm_at_the_worst_moment(workspace: Workspace, kept: Path) -> None:
    """The job sees that its trainer has stopped, whatever it was doing when it was told."""
    workspace.write_assets(STRIKE)
    workspace.write_trainer(SAVE + TRAINING + WAIT)

    run = workspace.start("train", MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept))

    assert run.wait() == 0, run.log
    assert (kept / "weights").read_text() == "0.5"


# It strikes while the interpreter takes itself apart.
LATE = """
import os
import signal

from mldock import ServingLifecycle as ServingContainer
from mldock import TrainingLifecycle as TrainingContainer


class End:
    def __del__(self, kill=os.kill, process=os.getpid(), number=signal.SIGTERM):
        kill(process, number)


END = End()
"""


def test_sigterm_at_the_very_end(workspace: Workspace) -> None:
    """A job that has done all is complete, though it is told to stop before it is gone."""
    workspace.write_assets(LATE)
    workspace.write_trainer("pass")

    run = workspace.train()

    assert run.wait() == 0, run.log


def test_sigterm_does_not_disturb_the_saving(workspace: Workspace, kept: Path) -> None:
    """A job that is asked to stop when its trainer has ended saves all, and ends as it would."""
    workspace.write_assets(
        assets(
            cleanup="(self.environment.base_dir / 'saving').touch()\n"
            "        while not (self.environment.base_dir / 'go on').exists():\n"
            "            time.sleep(0.01)"
        )
    )
    workspace.write_trainer(SAVE)
    variables = {"MLDOCK_STOPPED_EXIT_CODE": "143", "MLDOCK_OUTPUT_MODEL_CHANNEL_NET": str(kept)}
    run = workspace.start("train", **variables)
    run.wait_for(workspace.base_dir / "saving")
    run.terminate()
    (workspace.base_dir / "go on").touch()

    assert run.wait() == 0, run.log
    assert (kept / "weights").read_text() == "0.5"


def test_saving_ends_with_the_grace(workspace: Workspace) -> None:
    """Results that cannot be saved in time are told before the platform kills the container."""
    waits = "(self.environment.base_dir / 'saving').touch(); time.sleep(60)"
    workspace.write_assets(assets(cleanup=waits))
    workspace.write_trainer(SAVE)
    run = workspace.start("train", MLDOCK_STOP_GRACE="1")
    run.wait_for(workspace.base_dir / "saving")
    run.terminate()

    assert run.wait() == 1
    assert workspace.failure.startswith("it was not done 1 s after SIGTERM")


def test_stop_in_startup(workspace: Workspace, kept: Path) -> None:
    """Asked to stop before the trainer began: nothing is saved over what an earlier run has."""
    waits = "(self.environment.base_dir / 'starting').touch(); time.sleep(60)"
    workspace.write_assets(assets(startup=waits))
    workspace.write_trainer(SAVE)
    kept.mkdir()
    (kept / "weights").write_text("good")
    run = workspace.start("train", MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept))
    run.wait_for(workspace.base_dir / "starting")
    run.terminate()

    assert run.wait() == 0, run.log
    assert workspace.failure == ""
    assert [path.name for path in kept.iterdir()] == ["weights"]
    assert (kept / "weights").read_text() == "good"
