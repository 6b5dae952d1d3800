"""A row of thirty numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from mldock.serving import ArrayService
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, create_model

MEASURES = [
    *("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity"),
    *("concave_points", "symmetry", "fractal_dimension"),
]
PLACES = ("mean_{}", "{}_error", "worst_{}")
COLUMNS = [place.format(measure) for place in PLACES for measure in MEASURES]

Tumor = create_model(
    "Tumor",
    __config__=ConfigDict(extra="forbid", allow_inf_nan=False),
    __doc__="Measurements of the cell nuclei in an image of a breast mass.",
    **{  # type: ignore[call-overload]
        name: (float, Field(ge=0, examples=[round(17.99 / (number + 1), 4)]))
        for number, name in enumerate(COLUMNS)
    },
)


class Prediction(BaseModel):
    """The more probable diagnosis, and its probability."""

    diagnosis: Literal["benign", "malignant"]
    probability: float = Field(ge=0, le=1)


class Service(ArrayService[Any, Prediction]):
    """Answers tumors with diagnoses."""

    input_type = Tumor
    output_type = Prediction

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Look at the radius alone."""
        probability = 1 - np.exp(-features[:, 0] / 4)
        return {
            "diagnosis": np.where(probability > 0.5, "malignant", "benign"),
            "probability": np.maximum(probability, 1 - probability),
        }
