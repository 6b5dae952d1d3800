"""What the processes of one training do together, by DistributedDataParallel (DDP).

A process that is alone needs no group: then nothing here does anything. `mldock.torch.launcher`
starts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    default_collate,
)

__all__ = ["Batches", "Rows", "World", "make_batches"]

T = TypeVar("T")
Rows: TypeAlias = Subset[tuple[torch.Tensor, ...]]
"""Some rows of a data set, each a tuple of tensors."""

Batches: TypeAlias = DataLoader[tuple[torch.Tensor, ...]]
"""Batches of rows, each a tuple of tensors whose first dimension is the row."""


@dataclass(frozen=True)
class World:
    """The processes that train together, and which of them this is.

    Attributes:
        rank: The number of this process, from 0; process 0 is on the first host, and saves.
        size: The number of processes.
        source: The rank of process 0 in torchrun's own order.

    """

    rank: int = 0
    size: int = 1
    source: int = 0

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return the network to train: each process then steps by the mean of all gradients."""
        return DistributedDataParallel(network) if self.size > 1 else network

    def sum(self, *values: float) -> list[float]:
        """Return the sum over all processes of each value; every process must call it."""
        if self.size == 1:
            return list(values)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        sums = torch.tensor(values, dtype=torch.float64, device=device)
        dist.all_reduce(sums)
        totals: list[float] = sums.tolist()
        return totals

    def backward(self, loss: torch.Tensor, rows: int) -> None:
        """Add the gradients of the mean loss of a batch; every process must call it.

        Args:
            loss: The summed loss of this process's share of the batch, a scalar.
            rows: The number of rows in the share: that of a process may be smaller, or empty.

        """
        (total,) = self.sum(rows)
        # The processes step by the mean of their gradients.
        (loss * self.size / total).backward()

    def broadcast(self, read: Callable[[], T]) -> T:
        """Return what `read` returns in process 0, in every process; all must call it."""
        box: list[Any] = [read() if self.rank == 0 else None]
        if self.size > 1:
            dist.broadcast_object_list(box, src=self.source)
        shared: T = box[0]
        return shared

    def seed_epoch(self, seed: int, epoch: int, order: torch.Generator) -> None:
        """Make an epoch repeatable, also in a run that continues with it.

        All processes have the same order of rows, and each its own dropout.
        """
        order.manual_seed(mix(seed, epoch))
        torch.manual_seed(mix(seed, epoch, 1 + self.rank))


def mix(*numbers: int) -> int:
    """Make one seed of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


class BatchShares(Sampler[list[int]]):
    """The rows of each batch that this process takes; the shares of all processes are the batch."""

    def __init__(self, batches: Sampler[list[int]], world: World) -> None:
        self.batches, self.world = batches, world

    def __iter__(self) -> Iterator[list[int]]:
        """Take each n-th row; of a small batch that may be none."""
        for batch in self.batches:
            yield batch[self.world.rank :: self.world.size]


def make_batches(
    rows: Rows, batch_size: int, world: World, order: torch.Generator | None = None
) -> Batches:
    """Return this process's share of each batch.

    A step of all processes together is the step of a single one. A share may be smaller than
    another, or empty: `World.backward` weighs the losses by rows.

    Args:
        rows: All rows, the same in every process.
        batch_size: Rows of a batch, of all processes together.
        world: The processes.
        order: The generator of a random order, the same in every process: see
            `World.seed_epoch`. Without one the rows stay in their order.

    """
    sampler = RandomSampler(rows, generator=order) if order else SequentialSampler(rows)
    batches = BatchSampler(sampler, batch_size, drop_last=False)
    return DataLoader(
        rows, batch_sampler=BatchShares(batches, world), collate_fn=partial(collate, rows[0])
    )


def collate(example: tuple[torch.Tensor, ...], rows: list[Any]) -> list[torch.Tensor]:
    """Make tensors of rows, also of none, as the share of the last batch may have."""
    tensors: list[torch.Tensor] = default_collate(rows or [example])
    return tensors if rows else [tensor[:0] for tensor in tensors]
