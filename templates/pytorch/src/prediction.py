"""Yours: the model as the server sees it. What a row of a request is, and what answers it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated

import torch
from pydantic import BaseModel, ConfigDict, Field

from container.prediction.service import ModelService
from network import DARKEST, DIGITS, PIXELS, Network, choose_device

# A directory of its own, so that a model channel called `classifier` can fetch and keep it.
MODEL_FILE = Path("classifier", "model.pt")

# A request may hold more rows than fit into a device's memory at once.
BATCH_SIZE = 1024

# gevent looks at every object when a worker starts, and torch warns of one that nobody uses.
warnings.filterwarnings("ignore", "`torch.distributed.reduce_op` is deprecated", FutureWarning)

Pixel = Annotated[float, Field(ge=0, le=DARKEST)]


class Digit(BaseModel):
    """An image of a handwritten digit: its pixels, line by line, 0 blank, 16 ink."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    pixels: list[Pixel] = Field(min_length=PIXELS, max_length=PIXELS)


class Prediction(BaseModel):
    """The most probable digit, and its probability."""

    digit: int = Field(ge=0, lt=DIGITS)
    probability: float = Field(ge=0, le=1)


class Service(ModelService[Digit, Prediction]):
    """Answers images with digits."""

    input_type = Digit
    output_type = Prediction

    network: Network

    def load(self, model_dir: Path) -> None:
        """Load what `trainer.train` saved, on the CPU: see `device`."""
        # With all that a pickle may hold, it runs any code that its writer put in.
        weights = torch.load(model_dir / MODEL_FILE, map_location="cpu", weights_only=True)
        self.network = Network()
        self.network.load_state_dict(weights)
        self.network.eval()

    @cached_property
    def device(self) -> torch.device:
        """The device that answers; the network is moved there at the first request.

        Not in `load`: the server forks its workers after it, and CUDA does not survive a fork.
        """
        device = choose_device()
        self.network.to(device)
        return device

    def predict(self, rows: Sequence[Digit]) -> list[Prediction]:
        """Answer each image, in order."""
        batches = torch.split(torch.tensor([row.pixels for row in rows]), BATCH_SIZE)
        with torch.inference_mode():
            scores = torch.cat([self.network(batch.to(self.device)).cpu() for batch in batches])
        best = scores.softmax(dim=1).max(dim=1)
        return [
            Prediction(digit=digit, probability=probability)
            for digit, probability in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]
