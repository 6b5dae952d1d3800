"""The device of a network."""

from __future__ import annotations

import pytest
import torch
from mldock.torch.device import choose_device


@pytest.mark.parametrize(
    ("cuda", "mps", "device"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_device(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, device: str) -> None:
    """The fastest device of the machine is chosen."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    assert choose_device() == torch.device(device)
