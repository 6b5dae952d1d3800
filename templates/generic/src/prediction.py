"""Yours: the model as the server sees it. What a row of a request is, and what answers it.

When the server starts, `load` reads what `train` in trainer.py has saved. Each request is checked
against `Flower` before `predict` gets its rows, and the page of the server is made of both types.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mldock.evaluation import is_batch_invariant
from mldock.serving import ModelService
from pydantic import BaseModel, ConfigDict, Field

# A directory of its own, so that a model channel called `classifier` can fetch and keep it.
MODEL_DIR = Path("classifier")
MODEL_FILE = MODEL_DIR / "model.npz"


class Flower(BaseModel):
    """An iris flower, in centimetres."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    sepal_length: float = Field(gt=0, examples=[5.1])
    sepal_width: float = Field(gt=0, examples=[3.5])
    petal_length: float = Field(gt=0, examples=[1.4])
    petal_width: float = Field(gt=0, examples=[0.2])


class Prediction(BaseModel):
    """The most alike species, and how far the flower is from its mean."""

    species: str
    distance: float


def nearest(
    centroids: np.ndarray[Any, Any], features: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the index of the nearest centroid of each row, and the distance to it."""
    distances = np.linalg.norm(features[:, np.newaxis] - centroids, axis=2)
    return distances.argmin(axis=1), distances.min(axis=1)


class Service(ModelService[Flower, Prediction]):
    """Answers flowers with species."""

    input_type = Flower
    output_type = Prediction

    species: np.ndarray[Any, Any]
    centroids: np.ndarray[Any, Any]

    def load(self, model_dir: Path) -> None:
        """Load what `trainer.train` saved; a pickle in its place is refused."""
        with np.load(model_dir / MODEL_FILE, allow_pickle=False) as model:
            self.species, self.centroids = model["species"], model["centroids"]
        self.batch_invariant = is_batch_invariant(model_dir / MODEL_DIR)

    def predict(self, rows: Sequence[Flower]) -> list[Prediction]:
        """Answer each flower, in order."""
        features = np.array([list(dict(row).values()) for row in rows])
        index, distance = nearest(self.centroids, features)
        return [
            Prediction(species=name, distance=value)
            for name, value in zip(self.species[index], distance, strict=True)
        ]
