"""`executor.sh train`, as a platform runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.runtime.workspace import ROOT, Workspace

GENERIC = ROOT / "templates" / "generic"


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
