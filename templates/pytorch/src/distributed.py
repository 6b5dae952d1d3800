"""Yours: what the processes of one training do together, by DistributedDataParallel (DDP).

A process that is alone needs no group: then nothing here does anything. `launcher.py` starts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

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

T = TypeVar("T")
Rows = Subset[tuple[torch.Tensor, ...]]
Batches = DataLoader[tuple[torch.Tensor, ...]]


@dataclass(frozen=True)
class World:
    """The processes that train together, and which of them this is.

    Attributes:
        rank: Its place, from 0; the process 0 is on the first host, and is the one that saves.
        size: The number of processes.
        source: The place of the process 0 in torchrun's own order.

    """

    rank: int = 0
    size: int = 1
    source: int = 0

    def join(self, network: nn.Module) -> nn.Module:
        """Return what is to be trained: each process then takes the mean of all gradients."""
        return DistributedDataParallel(network) if self.size > 1 else network

    def total(self, *values: float) -> list[float]:
        """Return the sums of what all processes have."""
        if self.size == 1:
            return list(values)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        sums = torch.tensor(values, dtype=torch.float64, device=device)
        dist.all_reduce(sums)
        totals: list[float] = sums.tolist()
        return totals

    def share(self, read: Callable[[], T]) -> T:
        """Return what the process 0 reads, in every process."""
        box: list[Any] = [read() if self.rank == 0 else None]
        if self.size > 1:
            dist.broadcast_object_list(box, src=self.source)
        shared: T = box[0]
        return shared


class Shares(Sampler[list[int]]):
    """The part of each batch that this process takes; those of all processes are the batch."""

    def __init__(self, batches: Sampler[list[int]], world: World) -> None:
        self.batches, self.world = batches, world

    def __iter__(self) -> Iterator[list[int]]:
        """Take each n-th row; of a small batch that may be none."""
        for batch in self.batches:
            yield batch[self.world.rank :: self.world.size]


def make_batches(
    rows: Rows, batch_size: int, world: World, order: torch.Generator | None = None
) -> Batches:
    """Return this process's share of each batch, in random order or as they are."""
    sampler = RandomSampler(rows, generator=order) if order else SequentialSampler(rows)
    whole = BatchSampler(sampler, batch_size, drop_last=False)
    return DataLoader(
        rows, batch_sampler=Shares(whole, world), collate_fn=partial(collate, rows[0])
    )


def collate(example: tuple[torch.Tensor, ...], rows: list[Any]) -> list[torch.Tensor]:
    """Make tensors of rows, also of none, as the share of the last batch may have."""
    tensors: list[torch.Tensor] = default_collate(rows or [example])
    return tensors if rows else [tensor[:0] for tensor in tensors]
