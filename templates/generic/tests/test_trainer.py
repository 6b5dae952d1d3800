"""Yours: what the trainer must do."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_learns(tmp_path: Path) -> None:
    """The model is right about most flowers that it has not seen."""
    environment = make_environment(tmp_path)

    trainer.train(environment, trainer.Hyperparameters())

    metrics = json.loads((environment.output_data_dir / "metrics.json").read_text("utf-8"))
    assert metrics["accuracy"] > 0.85


def test_empty_channel(environment: Environment) -> None:
    """Without data the trainer says what to do."""
    with pytest.raises(ContainerError, match="holds no rows of CSV"):
        trainer.train(environment, trainer.Hyperparameters())


def test_missing_column(environment: Environment) -> None:
    """A column that is missing is named."""
    (environment.channel("training") / "a.csv").write_text("sepal_length\n1\n", "utf-8")

    with pytest.raises(ContainerError, match="lacks the column 'sepal_width'"):
        trainer.train(environment, trainer.Hyperparameters())


def test_wrong_value(environment: Environment) -> None:
    """A cell that is not a number is named, with its file, line and column."""
    lines = (DATA / "flowers.csv").read_text("utf-8").splitlines()
    lines[2] = lines[2].replace("4.9", "tall")
    (environment.channel("training") / "b.csv").write_text("\n".join(lines), "utf-8")

    with pytest.raises(ContainerError, match=r"b\.csv, line 3, sepal_length: .*'tall'"):
        trainer.train(environment, trainer.Hyperparameters())
