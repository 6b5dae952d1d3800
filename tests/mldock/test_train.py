"""`executor.sh train`, as a platform runs it: what becomes of inputs, outputs and failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mldock.workspace import SAVE, Workspace, assets


def test_inputs_reach_the_trainer_and_outputs_are_kept(workspace: Workspace, kept: Path) -> None:
    """Channels are filled before and kept after; the failure of an earlier job is gone."""
    (workspace.path / "iris.csv").write_text("1,2")
    workspace.write(
        "mldock.json",
        """{"image_name": "x", "stages": {"prod": {"hyperparameters": {"epochs": "3"}}}}""",
    )
    workspace.write_trainer(
        """
        assert hyperparameters.epochs == 3
        text = (environment.channel("iris") / "iris.csv").read_text()
        (environment.model_dir / "net").mkdir()
        (environment.model_dir / "net" / "weights").write_text(text)
        sys.exit(0)
        """
    )
    failure = workspace.base_dir / "output" / "failure"
    failure.parent.mkdir()
    failure.write_text("of an earlier job")

    run = workspace.train(
        MLDOCK_STAGE="prod",
        MLDOCK_INPUT_CHANNEL_IRIS=str(workspace.path / "iris.csv"),
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept),
    )

    assert run.wait() == 0, run.log
    assert (kept / "weights").read_text() == "1,2"
    assert 'hyperparameters: {"epochs":3}' in run.log
    assert not failure.exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('the loss is NaN')", "ValueError: the loss is NaN"),
        ("sys.exit(3)", "the trainer called sys.exit(3)"),
        ("sys.exit('the loss is NaN')", "the loss is NaN\n"),
        (r"raise ValueError('no file caf\udce9.csv')", r"ValueError: no file caf\udce9.csv"),
        ("os.kill(os.getpid(), 9)", "the trainer was killed by SIGKILL, as happens where memory"),
        ("import ctypes\nctypes.string_at(0)", "the trainer was killed by SIGSEGV"),
        ("os._exit(7)", "the trainer ended with 7"),
    ],
    ids=[
        "raises",
        "exits",
        "exits with a reason",
        "no text",
        "killed",
        "segmentation fault",
        "dies",
    ],
)
def test_failing_trainer(workspace: Workspace, kept: Path, body: str, reason: str) -> None:
    """Exit code 1, the reason in file and log; outputs are kept, the model beside the last good."""
    kept.mkdir()
    (kept / "weights").write_text("good")
    workspace.write_trainer(f"{SAVE}\n(environment.output_data_dir / 'log').touch()\n{body}")

    run = workspace.train(
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept),
        MLDOCK_OUTPUT_CHANNEL_DATA=str(workspace.path / "output"),
    )

    assert run.wait() == 1
    assert workspace.failure.startswith(reason)
    assert reason in run.log
    assert (kept / "weights").read_text() == "good"
    assert (kept.with_name("kept.failed") / "weights").read_text() == "0.5"
    assert (workspace.path / "output" / "log").is_file()


def test_refusal_before_the_start(workspace: Workspace) -> None:
    """It is told once, though every step fails by it, and by no module's name."""
    workspace.write_trainer("pass")

    run = workspace.train(MLDOCK_OUTPUT_CHANNEL_OUT='"s3://bucket/out"')

    assert run.wait() == 1
    assert workspace.failure.startswith('MLDOCK_OUTPUT_CHANNEL_OUT="s3://bucket/out": there are')
    assert len(workspace.failure.splitlines()) == 1
    assert run.log.count(" ERROR ") == run.log.count("docker --env-file") == 1
    assert "mldock." not in run.log


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def train(:\n", "SyntaxError: "),
        ("", "AttributeError: module 'trainer' has no attribute 'Hyperparameters'"),
    ],
    ids=["syntax", "empty"],
)
def test_trainer_that_cannot_be_imported(workspace: Workspace, text: str, reason: str) -> None:
    """A mistake in trainer.py is the first line of the failure file, the traceback is below."""
    workspace.write("src/trainer.py", text)

    assert workspace.train().wait() == 1
    first, *lines = workspace.failure.splitlines()
    assert first.startswith(reason)
    assert "Traceback (most recent call last):" in lines
    assert "trainer" in workspace.failure


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "src/trainer.py is missing. Restore it, and let every user read it."),
        (
            "import lightgbn\n",
            "lightgbn is not installed, and src/trainer.py needs it: add lightgbn to "
            "src/requirements.txt, or its file to src/.",
        ),
        (
            "raise OSError('libgomp.so.1: cannot open shared object file: No such file')\n",
            "libgomp.so.1 is not on this machine, and src/trainer.py needs it: install libgomp1, "
            "and add it to src/apt.txt for the image.",
        ),
    ],
    ids=["trainer", "package", "library"],
)
def test_trainer_that_lacks_something(workspace: Workspace, text: str | None, reason: str) -> None:
    """What is missing, and where to add it, is all that the failure file tells."""
    if text is not None:
        workspace.write("src/trainer.py", text)

    assert workspace.train().wait() == 1
    assert workspace.failure.splitlines() == [reason]


def test_upload_that_fails_is_a_failure(workspace: Workspace, kept: Path) -> None:
    """A trained model that could not be saved is no success; the other outputs are saved."""
    workspace.write_trainer(SAVE)

    run = workspace.train(
        MLDOCK_OUTPUT_CHANNEL_REPORT="/elsewhere", MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept)
    )

    assert run.wait() == 1
    assert workspace.failure.startswith(
        "These outputs were not saved: MLDOCK_OUTPUT_CHANNEL_REPORT"
    )
    assert (kept / "weights").is_file()


def test_cause_comes_before_its_consequence(workspace: Workspace) -> None:
    """A trainer that failed, and then its outputs too: the upload's failure is told last."""
    workspace.write_trainer(f"{SAVE}\nraise ValueError('the loss is NaN')")
    workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET="ftp://host/kept")

    assert workspace.failure.startswith("ValueError: the loss is NaN")
    assert "These outputs were not saved" in workspace.failure


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("MLDOCK_HYPERPARAMETERS", '{"epoch5": 3}', "MLDOCK_HYPERPARAMETERS: there is no hyper"),
        ("MLDOCK_INPUT_CHANNEL_IRIS", "/nowhere", "MLDOCK_INPUT_CHANNEL_IRIS=/nowhere: nothing"),
        ("MLDOCK_STOP_GRACE", "nan", "MLDOCK_STOP_GRACE=nan is no positive number"),
    ],
)
def test_wrong_setting_is_told_without_traceback(
    workspace: Workspace, variable: str, value: str, reason: str
) -> None:
    """A mistake in what a person sets is one message, in the log and the failure file."""
    workspace.write_trainer("pass")

    run = workspace.train(**{variable: value})

    assert run.wait() == 1
    assert workspace.failure.startswith(reason)
    assert reason in run.log
    assert "Traceback" not in run.log + workspace.failure


@pytest.mark.parametrize("hook", ["startup", "cleanup"])
def test_failing_hook(workspace: Workspace, kept: Path, hook: str) -> None:
    """What a person adds to startup or cleanup fails the job, with its own reason."""
    workspace.write_assets(assets(**{hook: "raise ValueError('no licence')"}))
    workspace.write_trainer(SAVE)

    run = workspace.train(MLDOCK_MODEL_OUTPUT_CHANNEL_NET=str(kept))

    assert run.wait() == 1
    assert workspace.failure.startswith("ValueError: no licence")
    assert "Traceback" in workspace.failure
    # Before the trainer there is nothing to save; what it has made is saved, whatever comes next.
    failed = kept.with_name("kept.failed")
    assert (failed / "weights").exists() == (hook == "cleanup")
    assert not kept.exists()
