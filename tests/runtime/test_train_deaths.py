"""`executor.sh train` whose trainer dies: the job tells why, and saves what there is."""

from __future__ import annotations

import pytest

from tests.runtime.workspace import SAVE, Workspace

SEGFAULT = "import ctypes\nctypes.string_at(0)"
OUT_OF_MEMORY = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))
b"x" * 2**30
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("os.kill(os.getpid(), 9)", "the trainer was killed by SIGKILL, as happens where memory"),
        (SEGFAULT, "the trainer was killed by SIGSEGV"),
        ("os._exit(7)", "the trainer ended with 7"),
        (OUT_OF_MEMORY, "MemoryError"),
    ],
    ids=["killed", "segmentation fault", "exit", "MemoryError"],
)
def test_death_is_told(workspace: Workspace, body: str, reason: str) -> None:
    """Exit code 1, the reason in the failure file, and the outputs are where they belong."""
    workspace.write_trainer(f"{SAVE}\n(environment.output_data_dir / 'log').touch()\n{body}")

    run = workspace.train(
        MLDOCK_OUTPUT_CHANNEL_DATA=str(workspace.path / "output"),
        MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(workspace.path / "kept"),
    )

    assert run.wait() == 1
    assert workspace.failure.startswith(reason), run.log
    assert (workspace.path / "output" / "log").is_file()
    assert (workspace.path / "kept.failed" / "weights").read_text() == "0.5"
    assert not (workspace.path / "kept").exists()


STUCK = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
(environment.base_dir / "training").touch()
time.sleep(60)
"""


def test_trainer_that_does_not_stop(workspace: Workspace) -> None:
    """A trainer that is deaf, as in a long call of native code, leaves time to save outputs."""
    workspace.write_trainer(SAVE + STUCK)
    run = workspace.start(
        "train",
        MLDOCK_STOP_GRACE="3",
        MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(workspace.path / "kept"),
    )
    run.wait_for(workspace.base_dir / "training")
    run.terminate()

    assert run.wait() == 1
    assert workspace.failure.startswith("the trainer did not stop within 2 s of SIGTERM")
    assert (workspace.path / "kept.failed" / "weights").is_file()


ASSETS = """
import time
from pathlib import Path

from container.lifecycle import ServingLifecycle, TrainingLifecycle


class TrainingContainer(TrainingLifecycle):
    def startup(self):
        super().startup()
        {startup}

    def cleanup(self):
        {cleanup}
        super().cleanup()


class ServingContainer(ServingLifecycle):
    pass
"""


@pytest.mark.parametrize(
    ("startup", "cleanup"),
    [("raise ValueError('no licence')", "pass"), ("pass", "raise ValueError('no licence')")],
    ids=["startup", "cleanup"],
)
def test_failing_hook(workspace: Workspace, startup: str, cleanup: str) -> None:
    """What a person adds to startup or cleanup fails the job, with its own reason."""
    workspace.write_assets(ASSETS.format(startup=startup, cleanup=cleanup))
    workspace.write_trainer(SAVE)

    run = workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(workspace.path / "kept"))

    assert run.wait() == 1
    assert workspace.failure.startswith("ValueError: no licence")
    assert "Traceback" in workspace.failure
    # Before the trainer there is nothing to save; what it has made is saved, whatever comes next.
    kept = workspace.path / "kept.failed" / "weights"
    assert kept.exists() == (cleanup != "pass")
    assert not (workspace.path / "kept").exists()


def test_stop_in_startup(workspace: Workspace) -> None:
    """Asked to stop before the trainer began: nothing is saved over what an earlier run has."""
    waits = "(self.environment.base_dir / 'starting').touch(); time.sleep(60)"
    workspace.write_assets(ASSETS.format(startup=waits, cleanup="pass"))
    workspace.write_trainer(SAVE)
    kept = workspace.path / "kept"
    kept.mkdir()
    (kept / "weights").write_text("good")
    run = workspace.start("train", MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept))
    run.wait_for(workspace.base_dir / "starting")
    run.terminate()

    assert run.wait() == 0, run.log
    assert workspace.failure == ""
    assert [path.name for path in kept.iterdir()] == ["weights"]
    assert (kept / "weights").read_text() == "good"


def test_saving_ends_with_the_grace(workspace: Workspace) -> None:
    """Results that cannot be saved in time are told before the platform kills the container."""
    waits = "(self.environment.base_dir / 'saving').touch(); time.sleep(60)"
    workspace.write_assets(ASSETS.format(startup="pass", cleanup=waits))
    workspace.write_trainer(SAVE)
    run = workspace.start("train", MLDOCK_STOP_GRACE="1")
    run.wait_for(workspace.base_dir / "saving")
    run.terminate()

    assert run.wait() == 1
    assert workspace.failure.startswith("it was not done 1 s after SIGTERM")


@pytest.mark.parametrize("text", ["soon", "-1", "nan"])
def test_wrong_grace(workspace: Workspace, text: str) -> None:
    """A time that is none is told before anything is done."""
    workspace.write_trainer("pass")

    assert workspace.train(MLDOCK_STOP_GRACE=text).wait() == 1
    assert workspace.failure.startswith(f"MLDOCK_STOP_GRACE={text} is no positive number")


def test_record_that_cannot_be_written(workspace: Workspace) -> None:
    """Where the end of a run cannot be noted, as on a full disk, results are saved all the same."""
    workspace.write_trainer(
        f"{SAVE}\nimport shutil\nruns = environment.output_data_dir / 'runs'\n"
        "shutil.rmtree(runs)\nruns.touch()"
    )

    run = workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(workspace.path / "kept"))

    assert run.wait() == 0, run.log
    assert (workspace.path / "kept" / "weights").is_file()
