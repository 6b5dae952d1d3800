"""`executor.sh train` that fails: the reason is told, and what there is is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.workspace import SAVE, Workspace


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('the loss is NaN')", "ValueError: the loss is NaN"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("sys.exit(3)", "the trainer called sys.exit(3)"),
        ("environment.channel('iris')", "There is no channel 'iris'"),
        (r"raise ValueError('no file caf\udce9.csv')", r"ValueError: no file caf\udce9.csv"),
    ],
)
def test_failing_trainer(workspace: Workspace, kept: Path, body: str, reason: str) -> None:
    """Exit code 1, the reason in the failure file and the log; the model lies beside the last."""
    kept.mkdir()
    (kept / "weights").write_text("good")
    workspace.write_trainer(f"{SAVE}\n{body}")

    run = workspace.train(MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept))

    assert run.wait() == 1
    assert workspace.failure.startswith(reason)
    assert reason in run.log
    assert (kept / "weights").read_text() == "good"
    assert (kept.with_name("kept.failed") / "weights").read_text() == "0.5"


def test_failure_that_cannot_be_written(workspace: Workspace, kept: Path) -> None:
    """A failure file that cannot be written hinders no output; the log has the reason."""
    workspace.write_trainer(
        f"{SAVE}\n(environment.output_dir / 'failure').mkdir()\nraise ValueError('the loss is NaN')"
    )

    run = workspace.train(MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept))

    assert run.wait() == 1
    assert "ValueError: the loss is NaN" in run.log
    assert (kept.with_name("kept.failed") / "weights").is_file()


def test_reason_then_traceback(workspace: Workspace) -> None:
    """The first line of the failure file is the reason; the traceback leads into the trainer."""
    workspace.write_trainer("raise ValueError('the loss is NaN')")
    workspace.train()

    first, *lines = workspace.failure.splitlines()
    assert first == "ValueError: the loss is NaN"
    assert "Traceback (most recent call last):" in lines
    assert any("src/trainer.py" in line and "in train" in line for line in lines)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def train(:\n", "SyntaxError: "),
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise RuntimeError('no GPU')\n", "RuntimeError: no GPU"),
        ("", "AttributeError: module 'trainer' has no attribute 'Hyperparameters'"),
    ],
)
def test_trainer_that_cannot_be_imported(workspace: Workspace, text: str, reason: str) -> None:
    """A mistake in trainer.py is reported like any other."""
    workspace.write("src/trainer.py", text)

    assert workspace.train().wait() == 1
    assert workspace.failure.startswith(reason)
    assert "trainer" in workspace.failure


def test_no_trainer(workspace: Workspace) -> None:
    """A missing trainer.py is reported too."""
    assert workspace.train().wait() == 1
    assert workspace.failure.startswith("ModuleNotFoundError: No module named 'trainer'")


def test_upload_that_fails_is_a_failure(workspace: Workspace, kept: Path) -> None:
    """A trained model that could not be saved is no success; the other outputs are."""
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
        ("MLDOCK_STAGE", "production", "mldock.json has no stage 'production'"),
        (
            "MLDOCK_INPUT_CHANNEL_IRIS",
            "/nowhere",
            "MLDOCK_INPUT_CHANNEL_IRIS=/nowhere: nothing lies there",
        ),
        ("MLDOCK_INPUT_CHANNEL_", "/data", "MLDOCK_INPUT_CHANNEL_: '' is not a channel name"),
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
