"""Yours: several processes must learn what one learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from mldock import Environment
from torch import nn
from torch.utils.data import Subset, TensorDataset

import trainer
from distributed import World, make_batches
from launcher import launch

FILE = "learnt.pt"


def learn(environment: Environment, world: World) -> None:
    """Train a small network for an epoch, as one of the processes; the first saves it."""
    torch.manual_seed(0)
    network = nn.Linear(4, 3).double()
    rows = TensorDataset(torch.rand(7, 4).double(), torch.arange(7) % 3)
    # Shares of two, two and one rows; then of one, one and none.
    batches = make_batches(Subset(rows, range(7)), 5, world)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    device = torch.device("cpu")
    loss = trainer.train_epoch(world.join(network), optimizer, batches, device, world)
    if world.rank == 0:
        torch.save(
            {"loss": loss, "size": world.size} | network.state_dict(), environment.model_dir / FILE
        )


def test_processes_learn_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three processes, started as torchrun starts them, end with the weights of a single one."""
    # Where there are GPUs, this is about processes all the same.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    learnt = []
    for count in (1, 3):
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        environment = Environment(tmp_path / str(count))
        environment.make_directories()
        launch(learn, environment)
        content: dict[str, Any] = torch.load(environment.model_dir / FILE, weights_only=True)
        learnt.append(content)

    one, three = learnt
    assert three.pop("size") == 3 * one.pop("size")
    for name, value in one.items():
        torch.testing.assert_close(three[name], value, rtol=1e-9, atol=1e-12)
