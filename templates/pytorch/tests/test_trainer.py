"""Yours: what the trainer must do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from mldock import ContainerError, StopRequested
from mldock.testing import make_environment

import dataset
import trainer
from prediction import MODEL_FILE


def test_learns(tmp_path: Path) -> None:
    """The network reads most digits that it has not seen."""
    environment = make_environment(tmp_path)

    trainer.train(environment, trainer.Hyperparameters(epochs=5))

    metrics = json.loads((environment.output_data_dir / "metrics.json").read_text("utf-8"))
    assert metrics["accuracy"] > 0.9
    assert metrics["epochs"] == 5


def test_interruption_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was interrupted saves the weights of one that was not."""
    # Where sums do not depend on the order of threads.
    monkeypatch.setattr(trainer, "choose_device", lambda: torch.device("cpu"))
    whole, interrupted = make_environment(tmp_path / "a"), make_environment(tmp_path / "b")
    hyperparameters, evaluate = trainer.Hyperparameters(epochs=3), trainer.evaluate
    trainer.train(whole, hyperparameters)

    def stop_in_second_epoch(*arguments: Any) -> tuple[float, float]:
        if any(interrupted.checkpoint_dir.iterdir()):
            raise StopRequested
        return evaluate(*arguments)

    monkeypatch.setattr(trainer, "evaluate", stop_in_second_epoch)
    with pytest.raises(StopRequested):
        trainer.train(interrupted, hyperparameters)
    monkeypatch.setattr(trainer, "evaluate", evaluate)
    trainer.train(interrupted, hyperparameters)

    one, other = (torch.load(each.model_dir / MODEL_FILE) for each in (whole, interrupted))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not any(interrupted.checkpoint_dir.iterdir())


@pytest.mark.parametrize(("column", "value"), [("pixel_7", 17), ("digit", "seven")])
def test_wrong_cell(tmp_path: Path, column: str, value: object) -> None:
    """A cell that the network cannot learn from is named."""
    environment = make_environment(tmp_path, data=False)
    environment.channel_dir("training").mkdir(parents=True)
    row = dict.fromkeys(dataset.COLUMNS, 0) | {column: value}
    table = ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n"
    (environment.channel("training") / "a.csv").write_text(table, "utf-8")

    with pytest.raises(ContainerError, match=rf"a\.csv, row 1: {column} must be a number from 0"):
        trainer.train(environment, trainer.Hyperparameters())
