"""Yours: the model as the server sees it. What a row of a request is, and what answers it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import skops.io
from pydantic import BaseModel, ConfigDict, Field
from sklearn.pipeline import Pipeline

from container.prediction.service import ModelService

# A directory of its own, so that a model channel called `classifier` can fetch and keep it.
MODEL_FILE = Path("classifier", "model.skops")
MALIGNANT = "malignant"

# A pickle (joblib's format too) runs any code that its writer put in. A skops file holds data
# only, and loads no type but scikit-learn's estimators, numpy's arrays and those named here.
TRUSTED_TYPES = ["numpy.dtype", "sklearn.tree._tree.Tree"]


class Tumor(BaseModel):
    """Measurements of the cell nuclei in an image of a breast mass."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    mean_radius: float = Field(ge=0)
    mean_texture: float = Field(ge=0)
    mean_perimeter: float = Field(ge=0)
    mean_area: float = Field(ge=0)
    mean_smoothness: float = Field(ge=0)
    mean_compactness: float = Field(ge=0)
    mean_concavity: float = Field(ge=0)
    mean_concave_points: float = Field(ge=0)
    mean_symmetry: float = Field(ge=0)
    mean_fractal_dimension: float = Field(ge=0)
    radius_error: float = Field(ge=0)
    texture_error: float = Field(ge=0)
    perimeter_error: float = Field(ge=0)
    area_error: float = Field(ge=0)
    smoothness_error: float = Field(ge=0)
    compactness_error: float = Field(ge=0)
    concavity_error: float = Field(ge=0)
    concave_points_error: float = Field(ge=0)
    symmetry_error: float = Field(ge=0)
    fractal_dimension_error: float = Field(ge=0)
    worst_radius: float = Field(ge=0)
    worst_texture: float = Field(ge=0)
    worst_perimeter: float = Field(ge=0)
    worst_area: float = Field(ge=0)
    worst_smoothness: float = Field(ge=0)
    worst_compactness: float = Field(ge=0)
    worst_concavity: float = Field(ge=0)
    worst_concave_points: float = Field(ge=0)
    worst_symmetry: float = Field(ge=0)
    worst_fractal_dimension: float = Field(ge=0)


class Prediction(BaseModel):
    """The more probable diagnosis, and its probability."""

    diagnosis: Literal["benign", "malignant"]
    probability: float = Field(ge=0, le=1)


class Service(ModelService[Tumor, Prediction]):
    """Answers tumors with diagnoses."""

    input_type = Tumor
    output_type = Prediction

    model: Pipeline

    def load(self, model_dir: Path) -> None:
        """Load what `trainer.train` saved."""
        self.model = skops.io.load(model_dir / MODEL_FILE, trusted=TRUSTED_TYPES)

    def predict(self, rows: Sequence[Tumor]) -> list[Prediction]:
        """Answer each tumor, in order."""
        features = np.array([list(dict(row).values()) for row in rows])
        probabilities = self.model.predict_proba(features)
        best = probabilities.argmax(axis=1)
        return [
            Prediction(diagnosis=self.model.classes_[index], probability=row[index])
            for row, index in zip(probabilities, best, strict=True)
        ]
