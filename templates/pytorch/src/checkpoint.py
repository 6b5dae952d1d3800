"""Yours: what a run saves after each epoch, so that an interruption costs no more than one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from container.lifecycle import ContainerError

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
        device: Where both are; dropout draws its random numbers there.
        hyperparameters: Those that make a run another run.

    """

    path: Path
    network: nn.Module
    optimizer: torch.optim.Optimizer
    device: torch.device
    hyperparameters: Mapping[str, Any]

    def save(self, history: History) -> None:
        """Save the state after the last epoch of `history`."""
        generators = {"cpu": torch.get_rng_state()}
        if self.device.type != "cpu":
            generators[self.device.type] = torch.get_device_module(self.device).get_rng_state()
        content = {
            "model": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": len(history),
            "history": history,
            "hyperparameters": dict(self.hyperparameters),
            "generators": generators,
        }
        save(content, self.path)

    def restore(self) -> History:
        """Bring back the state that was saved, if it is of this run; return its history.

        Raises:
            ContainerError: The file cannot be read, or is of another network.

        """
        if not self.path.exists():
            return []
        try:
            # To the CPU, where the generators' states must be; the rest finds its device itself.
            content = torch.load(self.path, map_location="cpu", weights_only=True)
            if content["hyperparameters"] != self.hyperparameters:
                log.warning("%s has other hyperparameters: starting afresh", self.path)
                return []
            self.network.load_state_dict(content["model"])
            self.optimizer.load_state_dict(content["optimizer"])
        # What torch raises depends on where in the file the fault lies.
        except Exception as error:
            raise ContainerError(
                f"{self.path} does not fit this trainer; delete it to start afresh. {error}"
            ) from error
        torch.set_rng_state(content["generators"]["cpu"])
        # The run may have begun on another kind of device.
        if self.device.type in content["generators"].keys() - {"cpu"}:
            state = content["generators"][self.device.type]
            torch.get_device_module(self.device).set_rng_state(state)
        log.info("going on after epoch %d, from %s", content["epoch"], self.path)
        history: History = content["history"]
        return history

    def delete(self) -> None:
        """End the run: the next one starts afresh."""
        self.path.unlink(missing_ok=True)


def save(content: object, path: Path) -> None:
    """Write a file whole or not at all, since SIGTERM may strike at any moment."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        torch.save(content, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
