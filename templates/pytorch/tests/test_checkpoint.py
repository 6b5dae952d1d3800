"""Yours: what must survive an interruption."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from mldock import ContainerError, Environment, StopRequested

import checkpoint
import trainer
from network import Network
from prediction import MODEL_FILE
from trainer import Hyperparameters

DATA = Path(__file__).absolute().parents[1] / "data" / "training"


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train where sums do not depend on the order of threads."""
    monkeypatch.setattr(trainer, "choose_device", lambda: torch.device("cpu"))


@pytest.fixture
def make_environment(tmp_path: Path) -> Callable[[str], Environment]:
    """Return what makes an environment with the training data, by name."""

    def make(name: str) -> Environment:
        environment = Environment(tmp_path / name)
        environment.make_directories()
        environment.channel_dir("training").parent.mkdir(parents=True)
        environment.channel_dir("training").symlink_to(DATA)
        return environment

    return make


@pytest.fixture
def environment(make_environment: Callable[[str], Environment]) -> Environment:
    """Return an environment with the training data."""
    return make_environment("base")


def train_interrupted(
    environment: Environment, hyperparameters: Hyperparameters, after: int
) -> None:
    """Train, and be stopped in the middle of the epoch that follows the `after`-th."""
    evaluate = trainer.evaluate
    calls = iter(range(after))

    def evaluate_or_stop(*arguments: Any) -> tuple[float, float]:
        if next(calls, None) is None:
            raise StopRequested
        return evaluate(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "evaluate", evaluate_or_stop)
        with pytest.raises(StopRequested):
            trainer.train(environment, hyperparameters)


def saved_model(environment: Environment) -> dict[str, torch.Tensor]:
    """Return the weights that a run saved."""
    weights: dict[str, torch.Tensor] = torch.load(
        environment.model_dir / MODEL_FILE, weights_only=True
    )
    return weights


def is_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Say whether two models have the same weights, to the last bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_interruption_changes_nothing(
    make_environment: Callable[[str], Environment], caplog: pytest.LogCaptureFixture
) -> None:
    """A run that was interrupted twice saves the model of one that was not."""
    caplog.set_level(logging.INFO)
    whole, interrupted = make_environment("whole"), make_environment("interrupted")
    hyperparameters = Hyperparameters(epochs=4)
    trainer.train(whole, hyperparameters)

    train_interrupted(interrupted, hyperparameters, after=2)
    assert not any(interrupted.model_dir.iterdir())
    train_interrupted(interrupted, hyperparameters, after=1)
    trainer.train(interrupted, hyperparameters)

    assert is_equal(saved_model(interrupted), saved_model(whole))
    metrics = [base.output_data_dir / "metrics.json" for base in (interrupted, whole)]
    assert metrics[0].read_text("utf-8") == metrics[1].read_text("utf-8")
    assert "going on after epoch 2" in caplog.text
    assert "going on after epoch 3" in caplog.text


def test_finished_run_leaves_no_checkpoint(environment: Environment) -> None:
    """The run after one that finished starts afresh."""
    trainer.train(environment, Hyperparameters(epochs=1))

    assert not any(environment.checkpoint_dir.iterdir())


def test_stop_after_the_last_epoch(environment: Environment) -> None:
    """A run whose results could not be saved learns nothing twice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "save_results", raise_stop)
        with pytest.raises(StopRequested):
            trainer.train(environment, Hyperparameters(epochs=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "train_epoch", raise_stop)
        trainer.train(environment, Hyperparameters(epochs=1))

    assert saved_model(environment)


def test_other_hyperparameters_start_afresh(
    make_environment: Callable[[str], Environment], caplog: pytest.LogCaptureFixture
) -> None:
    """A checkpoint of another run is not gone on from, and the log says so."""
    whole, interrupted = make_environment("whole"), make_environment("interrupted")
    train_interrupted(interrupted, Hyperparameters(epochs=2, seed=1), after=1)
    trainer.train(whole, Hyperparameters(epochs=1))

    trainer.train(interrupted, Hyperparameters(epochs=1))

    assert "other hyperparameters: starting afresh" in caplog.text
    assert is_equal(saved_model(interrupted), saved_model(whole))


def test_more_epochs_go_on(environment: Environment, caplog: pytest.LogCaptureFixture) -> None:
    """A run may be given more epochs than it began with."""
    caplog.set_level(logging.INFO)
    train_interrupted(environment, Hyperparameters(epochs=2), after=1)

    trainer.train(environment, Hyperparameters(epochs=3))

    assert "going on after epoch 1" in caplog.text
    assert "epoch 2/3" in caplog.text


def test_other_network_is_refused(environment: Environment) -> None:
    """A checkpoint of a network that was changed since is neither used nor lost."""
    train_interrupted(environment, Hyperparameters(epochs=2), after=1)

    class Smaller(Network):
        """A network without its last layer."""

        def __init__(self) -> None:
            super().__init__()
            del self.layers[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "Network", Smaller)
        with pytest.raises(ContainerError, match=r"last\.pt does not fit .*; delete it"):
            trainer.train(environment, Hyperparameters(epochs=2))

    assert (environment.checkpoint_dir / "last.pt").exists()


def test_broken_file_is_refused(environment: Environment) -> None:
    """A file that is no checkpoint is named."""
    (environment.checkpoint_dir / "last.pt").write_bytes(b"half a file")

    with pytest.raises(ContainerError, match=r"last\.pt does not fit .*; delete it"):
        trainer.train(environment, Hyperparameters(epochs=1))


def test_failed_save_keeps_the_earlier_file(tmp_path: Path) -> None:
    """An interruption while a file is written leaves the one before, and no half one."""
    path = tmp_path / "last.pt"
    checkpoint.save({"epoch": 1}, path)

    class Interruption:
        """Strikes while it is written."""

        def __reduce__(self) -> str:
            raise StopRequested

    with pytest.raises(StopRequested):
        checkpoint.save({"tensor": torch.zeros(9), "epoch": Interruption()}, path)

    assert torch.load(path, weights_only=True) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


def raise_stop(*_arguments: object) -> None:
    """Stand in for a step during which SIGTERM strikes."""
    raise StopRequested
