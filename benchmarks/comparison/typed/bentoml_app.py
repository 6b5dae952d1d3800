"""BentoML."""
# Runs in the peer's environment only.
# mypy: ignore-errors

import os

import bentoml
import joblib
import numpy as np
from pydantic import BaseModel, Field


class Flower(BaseModel):
    """Lengths in centimetres."""

    sepal_length: float = Field(gt=0)
    sepal_width: float = Field(gt=0)
    petal_length: float = Field(gt=0)
    petal_width: float = Field(gt=0)


@bentoml.service(workers=2)
class Flowers:
    """Answers flowers with kinds."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["BENCHMARK_MODEL"])

    @bentoml.api
    def predict(self, instances: list[Flower]) -> list[str]:
        """Answer each flower, in order."""
        rows = [list(flower.model_dump().values()) for flower in instances]
        return self.model.predict(np.array(rows)).tolist()
