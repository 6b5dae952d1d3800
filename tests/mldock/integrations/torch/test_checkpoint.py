"""What survives an interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from mldock import ContainerError, StopRequested
from mldock.torch.checkpoint import Checkpoint
from mldock.torch.distributed import World
from torch import nn

HISTORY = [{"loss": 0.5}, {"loss": 0.25}]


def make_checkpoint(folder: Path, outputs: int = 2, rank: int = 0, **options: Any) -> Checkpoint:
    """Return the checkpoint of a small network."""
    network = nn.Linear(3, outputs)
    optimizer = torch.optim.Adam(network.parameters())
    return Checkpoint(folder / "last.pt", network, optimizer, options, World(rank))


def step(checkpoint: Checkpoint) -> None:
    """Make one step of a training."""
    checkpoint.optimizer.zero_grad()
    # The gradient differs from step to step, as does what Adam remembers of it.
    checkpoint.network(torch.ones(1, 3)).square().sum().backward()
    checkpoint.optimizer.step()


def test_state_is_restored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Weights, the state of the optimizer and the history are those of the interrupted run."""
    caplog.set_level("INFO")
    before, after = make_checkpoint(tmp_path, rate=1), make_checkpoint(tmp_path, rate=1)
    step(before)
    before.save(HISTORY)

    assert after.restore() == HISTORY

    for checkpoint in (before, after):
        step(checkpoint)
    assert torch.equal(after.network.weight, before.network.weight)
    assert "continuing after epoch 2" in caplog.text


def test_first_process_writes(tmp_path: Path) -> None:
    """Another one neither saves nor deletes."""
    other = make_checkpoint(tmp_path, rank=1)
    other.save(HISTORY)
    assert not list(tmp_path.iterdir())

    make_checkpoint(tmp_path).save(HISTORY)
    other.delete()
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]


def test_complete_run_starts_anew(tmp_path: Path) -> None:
    """The run after one that ended has nothing to continue from."""
    checkpoint = make_checkpoint(tmp_path)
    checkpoint.save(HISTORY)
    checkpoint.delete()

    assert make_checkpoint(tmp_path).restore() == []


def test_other_hyperparameters_start_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A checkpoint of another run is not used, and the log says so."""
    make_checkpoint(tmp_path, seed=1).save(HISTORY)

    assert make_checkpoint(tmp_path, seed=2).restore() == []
    assert "other hyperparameters: starting anew" in caplog.text


def test_other_network_is_refused(tmp_path: Path) -> None:
    """A checkpoint of a network that was changed since is neither used nor lost."""
    make_checkpoint(tmp_path).save(HISTORY)

    with pytest.raises(ContainerError, match=r"last\.pt does not fit .*; delete it"):
        make_checkpoint(tmp_path, outputs=5).restore()

    assert (tmp_path / "last.pt").exists()


def test_broken_file_is_refused(tmp_path: Path) -> None:
    """A file that is not a checkpoint is named."""
    (tmp_path / "last.pt").write_bytes(b"half a file")

    with pytest.raises(ContainerError, match=r"last\.pt does not fit .*; delete it"):
        make_checkpoint(tmp_path).restore()


def test_failed_save_keeps_the_earlier_file(tmp_path: Path) -> None:
    """An interruption while a file is written leaves the one before, and no partial one."""
    make_checkpoint(tmp_path).save(HISTORY)

    class Interruption:
        """Raises while it is written."""

        def __reduce__(self) -> str:
            raise StopRequested

    loss: Any = Interruption()
    with pytest.raises(StopRequested):
        make_checkpoint(tmp_path).save([*HISTORY, {"loss": loss}])

    assert make_checkpoint(tmp_path).restore() == HISTORY
    assert [path.name for path in tmp_path.iterdir()] == ["last.pt"]
