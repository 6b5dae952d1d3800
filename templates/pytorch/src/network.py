"""Yours: the network."""

from __future__ import annotations

import torch
from torch import nn

SIDE = 8
PIXELS = SIDE * SIDE
# The value of a pixel that is all ink; a blank one is 0.
DARKEST = 16
DIGITS = 10


class Network(nn.Module):
    """Two convolutions find strokes, a linear layer tells from them which digit it is."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Unflatten(1, (1, SIDE, SIDE)),
            nn.Conv2d(1, 16, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.25),
            nn.Linear(32 * (SIDE // 2) ** 2, DIGITS),
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return a score for each digit, of images of `PIXELS` values each."""
        scores: torch.Tensor = self.layers(pixels / DARKEST)
        return scores
