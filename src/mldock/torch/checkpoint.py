"""The state of a run after each epoch, so that an interruption costs no more than one.

`mldock.checkpoints` keeps the file outside the container.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mldock.errors import ContainerError
from mldock.files import atomic_write
from mldock.torch.distributed import World
from torch import nn

__all__ = ["Checkpoint", "History"]

History = list[dict[str, float]]
"""The measurements of each epoch, by name."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """The file that a run continues from.

    Attributes:
        path: The file, in `environment.checkpoint_dir`.
        network: What is trained, before `World.wrap`.
        optimizer: What trains it; it has a state too.
        hyperparameters: Those that make a run another run; with others it starts anew.
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
        with atomic_write(self.path) as partial:
            torch.save(content, partial)

    def restore(self) -> History:
        """Load the saved state of this run into network and optimizer, and return its history.

        Returns:
            The measurements of the epochs that are done; empty if the run starts anew.

        Raises:
            ContainerError: The file cannot be read, or is of another network.

        """
        content = self.world.broadcast(self.read)
        if content is None:
            return []
        try:
            self.network.load_state_dict(content["model"])
            self.optimizer.load_state_dict(content["optimizer"])
        # What torch raises depends on where in the file the fault lies.
        except Exception as error:
            raise self.mismatch(error) from error
        log.info("continuing after epoch %d, from %s", content["epoch"], self.path)
        history: History = content["history"]
        return history

    def read(self) -> dict[str, Any] | None:
        """Return the content of the file, if it exists and is of this run."""
        if not self.path.exists():
            return None
        try:
            # To the CPU; the state finds its device itself, of which there may be another now.
            content: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
            if content["hyperparameters"] == self.hyperparameters:
                return content
        except Exception as error:
            raise self.mismatch(error) from error
        log.warning("%s has other hyperparameters: starting anew", self.path)
        return None

    def mismatch(self, error: Exception) -> ContainerError:
        """Return the error of a file that cannot be used."""
        return ContainerError(
            f"{self.path} does not fit this trainer; delete it to start anew. {error}"
        )

    def delete(self) -> None:
        """Delete the file, at the end of a complete run: the next one starts anew."""
        if not self.world.rank:
            self.path.unlink(missing_ok=True)
