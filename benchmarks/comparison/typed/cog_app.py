"""Cog: an input is a value, so a request is one flower."""
# Runs in the peer's environment only.
# mypy: ignore-errors

import os

import joblib
import numpy as np
from cog import BasePredictor, Input


class Predictor(BasePredictor):
    """Answers flowers with kinds."""

    def setup(self) -> None:
        """Load the model."""
        self.model = joblib.load(os.environ["BENCHMARK_MODEL"])

    def predict(
        self,
        sepal_length: float = Input(ge=0),
        sepal_width: float = Input(ge=0),
        petal_length: float = Input(ge=0),
        petal_width: float = Input(ge=0),
    ) -> str:
        """Answer a flower."""
        row = [sepal_length, sepal_width, petal_length, petal_width]
        return str(self.model.predict(np.array([row]))[0])
