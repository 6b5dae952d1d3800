"""Yours: what the network must be."""

from __future__ import annotations

import pytest
import torch

from network import DIGITS, PIXELS, Network, choose_device


def test_scores() -> None:
    """Each image gets a score for each digit."""
    assert Network()(torch.zeros(3, PIXELS)).shape == (3, DIGITS)


@pytest.mark.parametrize(
    ("cuda", "mps", "device"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_device(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, device: str) -> None:
    """The fastest device that is there is chosen."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    assert choose_device() == torch.device(device)
