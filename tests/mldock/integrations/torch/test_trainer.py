"""The trainer of the template, when it is interrupted."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from mldock import StopRequested
from mldock.testing import make_environment

from prediction import MODEL_FILE

# Not the one that this repository finds first.
trainer: Any = import_module("trainer")


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
        loss, accuracy = evaluate(*arguments)
        return loss, accuracy

    monkeypatch.setattr(trainer, "evaluate", stop_in_second_epoch)
    with pytest.raises(StopRequested):
        trainer.train(interrupted, hyperparameters)
    monkeypatch.setattr(trainer, "evaluate", evaluate)
    trainer.train(interrupted, hyperparameters)

    one, other = (torch.load(each.model_dir / MODEL_FILE) for each in (whole, interrupted))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not any(interrupted.checkpoint_dir.iterdir())
