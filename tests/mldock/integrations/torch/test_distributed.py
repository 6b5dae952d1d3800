"""Several processes learn what one learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from mldock import Environment
from mldock.torch.distributed import World, make_batches
from mldock.torch.launcher import launch
from torch import nn
from torch.utils.data import Subset, TensorDataset

FILE = "learnt.pt"


def learn(environment: Environment, rate: float, world: World) -> None:
    """Train a small network for an epoch, as one of the processes; the first saves it."""
    torch.manual_seed(0)
    network = nn.Linear(4, 3).double()
    rows = TensorDataset(torch.rand(7, 4).double(), torch.arange(7) % 3)
    order = torch.Generator()
    # Shares of two, two and one rows; then of one, one and none.
    batches = make_batches(Subset(rows, range(7)), 5, world, order)
    world.seed_epoch(0, 1, order)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    wrapped, total = world.wrap(network), 0.0
    for features, labels in batches:
        loss = nn.functional.cross_entropy(wrapped(features), labels, reduction="sum")
        optimizer.zero_grad()
        (loss * world.size / world.sum(len(labels))[0]).backward()
        optimizer.step()
        total += loss.item()
    (total,) = world.sum(total)
    # Which of the processes reads does not count.
    assert world.broadcast(lambda: world.rank) == 0
    if world.rank == 0:
        content = {"loss": total, "size": world.size} | network.state_dict()
        torch.save(content, environment.model_dir / FILE)


def test_processes_learn_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three processes, started as torchrun starts them, end with the weights of a single one."""
    # Where there are GPUs, this is about processes all the same.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    learnt = []
    for count in (1, 3):
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        environment = Environment(tmp_path / str(count))
        environment.make_directories()
        launch(learn, environment, 0.1)
        content: dict[str, Any] = torch.load(environment.model_dir / FILE, weights_only=True)
        learnt.append(content)

    one, three = learnt
    assert three.pop("size") == 3 * one.pop("size")
    for name, value in one.items():
        torch.testing.assert_close(three[name], value, rtol=1e-9, atol=1e-12)


def test_epochs_are_repeatable() -> None:
    """A run that continues has the order of rows of that epoch, and no two epochs have the same."""
    rows = Subset(TensorDataset(torch.arange(50)), range(50))
    order = torch.Generator()
    batches = make_batches(rows, 10, World(), order)
    orders = []
    for epoch in (1, 2, 2):
        World().seed_epoch(7, epoch, order)
        orders.append([value for (values,) in batches for value in values.tolist()])

    assert orders[1] == orders[2] != orders[0]
    assert [sorted(each) for each in orders] == [list(range(50))] * 3
