"""Yours: the model as the server sees it. What a row of a request is, and what answers it.

When the server starts, `load` reads what `train` in trainer.py has saved. Each request is checked
against `Digit` before `predict` gets its rows, and the page of the server is made of both types.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from mldock.evaluation import is_batch_invariant
from mldock.serving import ArrayService, Decoders, RequestError
from mldock.torch.device import choose_device
from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict, Field

from network import DARKEST, DIGITS, PIXELS, SIDE, Network

# A directory of its own, so that a model channel called `classifier` can fetch and keep it.
MODEL_DIR = Path("classifier")
MODEL_FILE = MODEL_DIR / "model.pt"

WHITE = 255

# A three.
EXAMPLE = [
    *(0, 2, 14, 16, 12, 6, 0, 0),
    *(0, 1, 10, 8, 14, 16, 1, 0),
    *(0, 0, 0, 0, 10, 15, 2, 0),
    *(0, 0, 0, 2, 16, 12, 0, 0),
    *(0, 0, 0, 3, 16, 12, 0, 0),
    *(0, 0, 0, 0, 11, 16, 2, 0),
    *(0, 0, 7, 10, 15, 15, 2, 0),
    *(0, 3, 13, 11, 7, 2, 0, 0),
]

Pixel = Annotated[float, Field(ge=0, le=DARKEST)]


class Digit(BaseModel):
    """An image of a handwritten digit: its pixels, line by line, 0 blank, 16 ink."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    pixels: list[Pixel] = Field(
        min_length=PIXELS,
        max_length=PIXELS,
        examples=[EXAMPLE],
        # The server's page shows them as a picture, on which a person can draw.
        json_schema_extra={
            "x-image": {"width": SIDE, "height": SIDE, "white": 0, "black": DARKEST}
        },
    )


class Prediction(BaseModel):
    """The most probable digit, and its probability."""

    digit: int = Field(ge=0, lt=DIGITS)
    probability: float = Field(ge=0, le=1)


def read_image(body: bytes) -> list[dict[str, Any]]:
    """Read an image file of any size, dark on light, as one row."""
    try:
        # Pillow itself refuses an image that would fill the memory.
        image = Image.open(io.BytesIO(body), formats=["PNG", "JPEG"]).convert("L")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise RequestError(400, f"The body is not an image: {error}.") from error
    light = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
    return [{"pixels": ((WHITE - light) * (DARKEST / WHITE)).ravel().tolist()}]


class Service(ArrayService[Digit, Prediction]):
    """Answers images with digits."""

    input_type = Digit
    output_type = Prediction
    # The network computes in it.
    dtype = np.float32
    decoders: ClassVar[Decoders] = {"image/png": read_image, "image/jpeg": read_image}

    network: Network
    device: torch.device

    def load(self, model_dir: Path) -> None:
        """Load what `trainer.train` saved, onto the fastest device."""
        # With all that a pickle may hold, it runs any code that its writer put in.
        weights = torch.load(model_dir / MODEL_FILE, map_location="cpu", weights_only=True)
        self.network, self.device = Network(), choose_device()
        self.network.load_state_dict(weights)
        self.network.to(self.device).eval()
        self.batch_invariant = is_batch_invariant(model_dir / MODEL_DIR)

    def predict(self, features: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """Answer each image, in order."""
        with torch.inference_mode():
            scores = self.network(torch.from_numpy(features).to(self.device)).cpu()
        best = scores.softmax(dim=1).max(dim=1)
        return {"digit": best.indices.numpy(), "probability": best.values.numpy()}
