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


@pytest.mark.parametrize("cell", ["17", "seven", "", "# 7", "nan"])
def test_wrong_cell(tmp_path: Path, cell: str) -> None:
    """A cell that the network cannot learn from is named."""
    environment = make_environment(tmp_path, data=False)
    environment.channel_dir("training").mkdir(parents=True)
    row = dict.fromkeys(dataset.COLUMNS, "0") | {"pixel_7": cell}
    table = ",".join(row) + "\n\n" + ",".join(row.values()) + "\n"
    (environment.channel("training") / "a.csv").write_text(table, "utf-8")

    with pytest.raises(ContainerError, match=rf"a\.csv, line 3, pixel_7: .*'{cell}'"):
        trainer.train(environment, trainer.Hyperparameters())
