"""Yours: what the trainer must do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mldock import ContainerError
from mldock.testing import make_environment

import dataset
import trainer


def test_learns(tmp_path: Path) -> None:
    """The network reads most digits that it has not seen."""
    environment = make_environment(tmp_path)

    trainer.train(environment, trainer.Hyperparameters(epochs=5))

    metrics = json.loads((environment.output_data_dir / "metrics.json").read_text("utf-8"))
    assert metrics["accuracy"] > 0.9


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
