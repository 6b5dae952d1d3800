"""A generated project: this is its src/prediction.py."""
# Runs in a generated project only.
# mypy: ignore-errors

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
from mldock.serving import ArrayService
from pydantic import BaseModel, Field


class Flower(BaseModel):
    """Lengths in centimetres."""

    sepal_length: float = Field(gt=0)
    sepal_width: float = Field(gt=0)
    petal_length: float = Field(gt=0)
    petal_width: float = Field(gt=0)


class Kind(BaseModel):
    """The name of a kind."""

    kind: str


class Service(ArrayService[Flower, Kind]):
    """Answers flowers with kinds."""

    input_type = Flower
    output_type = Kind

    def load(self, model_dir: Path) -> None:
        """Load the model."""
        self.model = joblib.load(model_dir / "model.joblib")

    def predict(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """Answer each flower, in order."""
        return {"kind": self.model.predict(features)}
