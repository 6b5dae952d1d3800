"""The device that a network computes on."""

from __future__ import annotations

import torch

__all__ = ["choose_device"]


def choose_device() -> torch.device:
    """Return the fastest device of this machine: a GPU by CUDA or Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
