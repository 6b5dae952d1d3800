"""Yours: what a run saves after each epoch, so that an interruption costs no more than one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mldock import ContainerError
from torch import nn

from distributed import World

# The measurements of each epoch, by name.
History = list[dict[str, float]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """The file that a run goes on from.

    Attributes:
        path: The file.
        network: What is trained.
        optimizer: What trains it; it has a memory too.
        hyperparameters: Those that make a run another run.
        world: The processes that train; the first of them writes and reads for all.

    """

    path: Path
    network: nn.Module
    optimizer: torch.optim.Optimizer
    hyperparameters: Mapping[str, Any]
    world: World

    def save(self, history: History) -> None:
        """Save the state after the last epoch of `history`."""
        if self.world.rank:
            return
        content = {
            "model": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": len(history),
            "history": history,
            "hyperparameters": dict(self.hyperparameters),
        }
        save(content, self.path)

    def restore(self) -> History:
        """Bring back the state that was saved, if it is of this run; return its history.

        Raises:
            ContainerError: The file cannot be read, or is of another network.

        """
        content = self.world.share(self.read)
        if content is None:
            return []
        try:
            self.network.load_state_dict(content["model"])
            self.optimizer.load_state_dict(content["optimizer"])
        # What torch raises depends on where in the file the fault lies.
        except Exception as error:
            raise self.misfit(error) from error
        log.info("going on after epoch %d, from %s", content["epoch"], self.path)
        history: History = content["history"]
        return history

    def read(self) -> dict[str, Any] | None:
        """Return the content of the file, if there is one and it is of this run."""
        if not self.path.exists():
            return None
        try:
            # To the CPU; the state finds its device itself, of which there may be another now.
            content: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
            if content["hyperparameters"] == self.hyperparameters:
                return content
        except Exception as error:
            raise self.misfit(error) from error
        log.warning("%s has other hyperparameters: starting afresh", self.path)
        return None

    def misfit(self, error: Exception) -> ContainerError:
        """Say that the file is of no use, and what to do."""
        return ContainerError(
            f"{self.path} does not fit this trainer; delete it to start afresh. {error}"
        )

    def delete(self) -> None:
        """End the run: the next one starts afresh."""
        if not self.world.rank:
            self.path.unlink(missing_ok=True)


def save(content: object, path: Path) -> None:
    """Write a file whole or not at all, since SIGTERM may strike at any moment."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        torch.save(content, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
