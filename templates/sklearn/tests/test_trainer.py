"""Yours: what the trainer must do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from mldock import ContainerError, Environment

import trainer

DATA = Path(__file__).absolute().parents[1] / "data" / "training"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Return an environment whose channel `training` is empty."""
    environment = Environment(tmp_path)
    environment.make_directories()
    (tmp_path / "input" / "data" / "training").mkdir(parents=True)
    return environment


def test_learns(environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The model is right about most tumors that it has not seen, and the report can show which."""
    run = tmp_path / "run.jsonl"
    monkeypatch.setenv("MLDOCK_RUN_FILE", str(run))
    environment.channel("training").rmdir()
    environment.channel_dir("training").symlink_to(DATA)

    trainer.train(environment, trainer.Hyperparameters(n_estimators=25))

    metrics = json.loads((environment.output_data_dir / "metrics.json").read_text("utf-8"))
    assert metrics["recall"] > 0.9
    assert metrics["roc_auc"] > 0.95
    told = json.loads(run.read_text("utf-8").splitlines()[0])
    assert told["classes"] == ["benign", "malignant"]
    assert sum(map(sum, told["confusion"])) == 143
    assert told["positive"] == "malignant"
    assert round(told["auc"], 4) == metrics["roc_auc"]


def test_empty_channel(environment: Environment) -> None:
    """Without data the trainer says what to do."""
    with pytest.raises(ContainerError, match=r"holds no \.csv file"):
        trainer.train(environment, trainer.Hyperparameters())


def test_missing_column(environment: Environment) -> None:
    """A file with other columns is named, and so are they."""
    (environment.channel("training") / "a.csv").write_text("mean_radius\n1\n2\n", "utf-8")

    with pytest.raises(ContainerError, match=r"a\.csv lacks the columns .*diagnosis"):
        trainer.train(environment, trainer.Hyperparameters())


def test_uneven_rows(environment: Environment) -> None:
    """A file whose rows have different lengths is named."""
    (environment.channel("training") / "a.csv").write_text("one,two\n1,2\n1,2,3\n", "utf-8")

    with pytest.raises(ContainerError, match=r"a\.csv is no table"):
        trainer.train(environment, trainer.Hyperparameters())


def test_empty_cell_is_filled(environment: Environment) -> None:
    """A measurement that is missing does not lose the tumor."""
    lines = (DATA / "tumors.csv").read_text("utf-8").splitlines()
    lines[1] = "," + lines[1].split(",", 1)[1]
    (environment.channel("training") / "tumors.csv").write_text("\n".join(lines), "utf-8")

    features, labels = trainer.read_tumors(environment.channel("training"))

    assert len(features) == len(labels) == 569
    assert np.isnan(features).sum() == 1
    trainer.train(environment, trainer.Hyperparameters(n_estimators=5))
    assert any(environment.model_dir.iterdir())
