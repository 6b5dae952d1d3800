"""Yours: what the trainer must do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from mldock import ContainerError, Environment
from mldock.testing import PROJECT, make_environment

import trainer

DATA = PROJECT / "data" / "training"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Return an environment whose channel `training` is empty."""
    environment = make_environment(tmp_path, data=False)
    environment.channel_dir("training").mkdir(parents=True)
    return environment


def test_learns(environment: Environment) -> None:
    """The model is right about most tumors that it has not seen, also if a cell is empty."""
    lines = (DATA / "tumors.csv").read_text("utf-8").splitlines()
    lines[1] = "," + lines[1].split(",", 1)[1]
    channel = environment.channel("training")
    (channel / "tumors.csv").write_text("\n".join(lines), "utf-8")
    assert np.isnan(trainer.read_tumors(channel)[0]).sum() == 1

    trainer.train(environment, trainer.Hyperparameters(n_estimators=25))

    metrics = json.loads((environment.output_data_dir / "metrics.json").read_text("utf-8"))
    assert metrics["recall"] > 0.9
    assert metrics["roc_auc"] > 0.95


def test_empty_channel(environment: Environment) -> None:
    """Without data the trainer says what to do."""
    with pytest.raises(ContainerError, match="holds no rows of CSV"):
        trainer.train(environment, trainer.Hyperparameters())


@pytest.mark.parametrize(
    ("table", "message"),
    [("mean_radius\n1\n2\n", " lacks the columns .*diagnosis"), ("\xff", " is not text in UTF-8")],
)
def test_wrong_file(environment: Environment, table: str, message: str) -> None:
    """A file that cannot be learnt from is named."""
    (environment.channel("training") / "a.csv").write_bytes(table.encode("latin-1"))

    with pytest.raises(ContainerError, match=rf"a\.csv{message}"):
        trainer.train(environment, trainer.Hyperparameters())


@pytest.mark.parametrize("cell", ["tall", "#", "1,2"])
def test_wrong_cell(environment: Environment, cell: str) -> None:
    """What is wrong is named with its file and line, and a cell with its column."""
    lines = (DATA / "tumors.csv").read_text("utf-8").splitlines()
    lines[2] = cell + lines[2][lines[2].index(",") :]
    (environment.channel("training") / "b.csv").write_text("\n".join(lines), "utf-8")

    with pytest.raises(
        ContainerError, match=r"b\.csv, line 3(, mean_radius: '.*' is not a number| has too)"
    ):
        trainer.train(environment, trainer.Hyperparameters())
