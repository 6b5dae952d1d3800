"""Yours: what the trainer must do."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from mldock import ContainerError, Environment

import dataset
import trainer

DATA = Path(__file__).absolute().parents[1] / "data" / "training"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Return an environment whose channel `training` is empty."""
    environment = Environment(tmp_path)
    environment.make_directories()
    (tmp_path / "input" / "data" / "training").mkdir(parents=True)
    return environment


def write_rows(environment: Environment, **cells: object) -> None:
    """Put a file of one blank image into the channel, but for the cells that are given."""
    row = dict.fromkeys(dataset.COLUMNS, 0) | cells
    text = ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n"
    (environment.channel("training") / "a.csv").write_text(text, "utf-8")


def test_learns(
    environment: Environment,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The network reads most digits that it has not seen, and what it did is logged and told."""
    run = tmp_path / "run.jsonl"
    monkeypatch.setenv("MLDOCK_RUN_FILE", str(run))
    caplog.set_level(logging.INFO)
    environment.channel("training").rmdir()
    environment.channel_dir("training").symlink_to(DATA)

    trainer.train(environment, trainer.Hyperparameters(epochs=5))

    metrics = json.loads((environment.output_data_dir / "metrics.json").read_text("utf-8"))
    assert metrics["accuracy"] > 0.9
    assert metrics["loss"] < 0.5
    assert metrics["epochs"] == 5
    told = json.loads(run.read_text("utf-8").splitlines()[-1])
    assert told["classes"] == list("0123456789")
    assert sum(told["confusion"][digit][digit] for digit in range(10)) == round(
        metrics["accuracy"] * 449
    )
    assert [message for message in caplog.messages if message.startswith("epoch ")] == [
        f"epoch {epoch}/5" for epoch in range(1, 6)
    ]
    assert f"metric: accuracy={metrics['accuracy']:.6g}; step=5;" in capsys.readouterr().out


def test_held_out_rows_are_not_learnt_from() -> None:
    """No row is in both parts, none is lost, and the seed alone decides which is where."""
    digits = dataset.read_digits(DATA)

    train_rows, test_rows = trainer.split(digits, trainer.Hyperparameters(test_size=0.25))

    assert len(test_rows) == 449
    assert sorted([*train_rows.indices, *test_rows.indices]) == list(range(1797))
    again = trainer.split(digits, trainer.Hyperparameters(test_size=0.25))[1]
    assert again.indices == test_rows.indices
    other = trainer.split(digits, trainer.Hyperparameters(test_size=0.25, seed=1))[1]
    assert other.indices != test_rows.indices


def test_empty_channel(environment: Environment) -> None:
    """Without data the trainer says what to do."""
    with pytest.raises(ContainerError, match=r"holds no \.csv file"):
        trainer.train(environment, trainer.Hyperparameters())


def test_missing_column(environment: Environment) -> None:
    """A file with other columns is named, and so are they."""
    (environment.channel("training") / "a.csv").write_text("pixel_0\n1\n2\n", "utf-8")

    with pytest.raises(ContainerError, match=r"a\.csv lacks the columns pixel_1, .*digit"):
        trainer.train(environment, trainer.Hyperparameters())


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("pixel_7", 17, "from 0 to 16, not 17.0"),
        ("pixel_7", -1, "from 0 to 16, not -1.0"),
        ("pixel_7", "", "from 0 to 16, not nan"),
        ("digit", 10, "from 0 to 9, not 10.0"),
        ("digit", "seven", "from 0 to 9, not nan"),
    ],
)
def test_wrong_cell(environment: Environment, column: str, value: object, message: str) -> None:
    """A cell that the network cannot learn from is named, with what is allowed."""
    write_rows(environment, **{column: value})

    with pytest.raises(ContainerError, match=rf"a\.csv, row 1: {column} must be .* {message}"):
        trainer.train(environment, trainer.Hyperparameters())


def test_too_few_rows(environment: Environment) -> None:
    """One row cannot be learnt from and held out."""
    write_rows(environment)

    with pytest.raises(ContainerError, match="1 rows cannot be split"):
        trainer.train(environment, trainer.Hyperparameters())
