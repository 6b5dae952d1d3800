"""MLflow: a model whose types are those of its function, saved as `mlflow_app.py FOLDER`."""
# Runs in the peer's environment only.
# mypy: ignore-errors

import os
import sys

import joblib
import mlflow
import numpy as np
from pydantic import BaseModel, Field


class Flower(BaseModel):
    """Lengths in centimetres."""

    sepal_length: float = Field(gt=0)
    sepal_width: float = Field(gt=0)
    petal_length: float = Field(gt=0)
    petal_width: float = Field(gt=0)


class Flowers(mlflow.pyfunc.PythonModel):
    """Answers flowers with kinds."""

    def load_context(self, context) -> None:
        """Load the model."""
        self.model = joblib.load(context.artifacts["model"])

    def predict(self, model_input: list[Flower]) -> list[str]:
        """Answer each flower, in order."""
        rows = [list(flower.model_dump().values()) for flower in model_input]
        return self.model.predict(np.array(rows)).tolist()


if __name__ == "__main__":
    artifacts = {"model": os.environ["BENCHMARK_MODEL"]}
    mlflow.pyfunc.save_model(sys.argv[1], python_model=Flowers(), artifacts=artifacts)
