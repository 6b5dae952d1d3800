"""`executor.sh train`, as a platform runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.runtime.workspace import ROOT, Workspace

GENERIC = ROOT / "templates" / "generic"

SAVE = """
(environment.model_dir / "net").mkdir()
(environment.model_dir / "net" / "weights").write_text("0.5")
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return where the output channel of the model keeps it."""
    return tmp_path / "kept"


def test_template_trains(workspace: Workspace) -> None:
    """The model of the generic template is trained from its data; no failure is left."""
    for name in ("trainer.py", "prediction.py"):
        (workspace.src / name).symlink_to(GENERIC / "src" / name)
    shutil.copytree(GENERIC / "data", workspace.base_dir / "input" / "data")

    run = workspace.train()

    assert run.wait() == 0, run.log
    output = workspace.base_dir / "output"
    assert json.loads((output / "data" / "metrics.json").read_text())["accuracy"] > 0.8
    assert any((workspace.base_dir / "model").iterdir())
    assert not (output / "failure").exists()


def test_trainer_gets_hyperparameters(workspace: Workspace) -> None:
    """What mldock.json says reaches the trainer, typed, and the log."""
    workspace.write(
        "mldock.json",
        """{"image_name": "x", "stages": {"prod": {"hyperparameters": {"epochs": "3"}}}}""",
    )
    workspace.write_trainer("assert hyperparameters.epochs == 3")

    run = workspace.train(MLDOCK_STAGE="prod")

    assert run.wait() == 0, run.log
    assert 'hyperparameters: {"epochs":3}' in run.log


def test_channels_are_moved(workspace: Workspace, kept: Path) -> None:
    """Inputs are there before the trainer runs; outputs are kept after it."""
    (workspace.path / "iris.csv").write_text("1,2")
    workspace.write_trainer(
        """
        text = (environment.channel("iris") / "iris.csv").read_text()
        (environment.model_dir / "net").mkdir()
        (environment.model_dir / "net" / "weights").write_text(text)
        """
    )

    run = workspace.train(
        MLDOCK_INPUT_CHANNEL_IRIS=str(workspace.path / "iris.csv"),
        MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept),
    )

    assert run.wait() == 0, run.log
    assert (kept / "weights").read_text() == "1,2"


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
    """Exit code 1, the reason in the failure file and the log; outputs are kept all the same."""
    workspace.write_trainer(f"{SAVE}\n{body}")

    run = workspace.train(MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept))

    assert run.wait() == 1
    assert workspace.failure.startswith(reason)
    assert reason in run.log
    assert (kept / "weights").is_file()


def test_failure_that_cannot_be_written(workspace: Workspace, kept: Path) -> None:
    """A failure file that cannot be written hinders no output; the log has the reason."""
    workspace.write_trainer(
        f"{SAVE}\n(environment.output_dir / 'failure').mkdir()\nraise ValueError('the loss is NaN')"
    )

    run = workspace.train(MLDOCK_OUTPUT_MODEL_CHANNEL_NET=str(kept))

    assert run.wait() == 1
    assert "ValueError: the loss is NaN" in run.log
    assert (kept / "weights").is_file()


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


@pytest.mark.parametrize("end", ["sys.exit(0)", "return"])
def test_trainer_that_ends_well(workspace: Workspace, end: str) -> None:
    """A trainer may end with sys.exit too; the failure of an earlier job is gone."""
    workspace.write_trainer(end)
    failure = workspace.base_dir / "output" / "failure"
    failure.parent.mkdir()
    failure.write_text("of an earlier job")

    run = workspace.train()

    assert run.wait() == 0, run.log
    assert not failure.exists()


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
    """A trainer that failed before it wrote anything: the upload's failure is told last."""
    workspace.write_trainer("raise ValueError('the loss is NaN')")
    workspace.train(MLDOCK_OUTPUT_CHANNEL_REPORT=str(workspace.path / "kept"))

    assert workspace.failure.startswith("ValueError: the loss is NaN")
    assert "These outputs were not saved" in workspace.failure


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("MLDOCK_HYPERPARAMETERS", '{"epoch5": 3}', "MLDOCK_HYPERPARAMETERS: there is no hyper"),
        ("MLDOCK_STAGE", "production", "mldock.json has no stage 'production'"),
        ("MLDOCK_INPUT_CHANNEL_IRIS", "/nowhere", "/nowhere does not exist"),
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
