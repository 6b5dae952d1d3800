"""Yours: the model as the server sees it. What a row of a request is, and what answers it.

When the server starts, `load` reads what `train` in trainer.py has saved. Each request is checked
against `Tumor` before `predict` gets its rows, and the page of the server is made of both types.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from mldock.evaluation import is_batch_invariant
from mldock.serving import ArrayService
from mldock.sklearn import Classifier, LargeNumberRefusal, load_model, most_probable
from pydantic import BaseModel, ConfigDict, Field

# A directory of its own, so that a model channel called `classifier` can fetch and keep it.
MODEL_DIR = Path("classifier")
MALIGNANT = "malignant"


class Tumor(BaseModel):
    """Measurements of the cell nuclei in an image of a breast mass."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    mean_radius: float = Field(ge=0, examples=[17.99])
    mean_texture: float = Field(ge=0, examples=[10.38])
    mean_perimeter: float = Field(ge=0, examples=[122.8])
    mean_area: float = Field(ge=0, examples=[1001.0])
    mean_smoothness: float = Field(ge=0, examples=[0.1184])
    mean_compactness: float = Field(ge=0, examples=[0.2776])
    mean_concavity: float = Field(ge=0, examples=[0.3001])
    mean_concave_points: float = Field(ge=0, examples=[0.1471])
    mean_symmetry: float = Field(ge=0, examples=[0.2419])
    mean_fractal_dimension: float = Field(ge=0, examples=[0.07871])
    radius_error: float = Field(ge=0, examples=[1.095])
    texture_error: float = Field(ge=0, examples=[0.9053])
    perimeter_error: float = Field(ge=0, examples=[8.589])
    area_error: float = Field(ge=0, examples=[153.4])
    smoothness_error: float = Field(ge=0, examples=[0.006399])
    compactness_error: float = Field(ge=0, examples=[0.04904])
    concavity_error: float = Field(ge=0, examples=[0.05373])
    concave_points_error: float = Field(ge=0, examples=[0.01587])
    symmetry_error: float = Field(ge=0, examples=[0.03003])
    fractal_dimension_error: float = Field(ge=0, examples=[0.006193])
    worst_radius: float = Field(ge=0, examples=[25.38])
    worst_texture: float = Field(ge=0, examples=[17.33])
    worst_perimeter: float = Field(ge=0, examples=[184.6])
    worst_area: float = Field(ge=0, examples=[2019.0])
    worst_smoothness: float = Field(ge=0, examples=[0.1622])
    worst_compactness: float = Field(ge=0, examples=[0.6656])
    worst_concavity: float = Field(ge=0, examples=[0.7119])
    worst_concave_points: float = Field(ge=0, examples=[0.2654])
    worst_symmetry: float = Field(ge=0, examples=[0.4601])
    worst_fractal_dimension: float = Field(ge=0, examples=[0.1189])


class Prediction(BaseModel):
    """The more probable diagnosis, and its probability."""

    diagnosis: Literal["benign", "malignant"]
    probability: float = Field(ge=0, le=1)


class Service(ArrayService[Tumor, Prediction]):
    """Answers tumors with diagnoses."""

    input_type = Tumor
    output_type = Prediction

    classifier: Classifier

    def load(self, model_dir: Path) -> None:
        """Load what `trainer.train` saved."""
        self.classifier = load_model(model_dir / MODEL_DIR)
        self.batch_invariant = is_batch_invariant(model_dir / MODEL_DIR)

    def predict(self, features: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """Answer each tumor, in order."""
        with LargeNumberRefusal(features, Tumor):
            best, probability = most_probable(self.classifier.predict_proba(features))
        return {"diagnosis": self.classifier.classes_[best], "probability": probability}
