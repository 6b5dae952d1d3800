"""Plain FastAPI."""
# Runs in the peer's environment only.
# mypy: ignore-errors

import os

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, Field


class Flower(BaseModel):
    """Lengths in centimetres."""

    sepal_length: float = Field(gt=0)
    sepal_width: float = Field(gt=0)
    petal_length: float = Field(gt=0)
    petal_width: float = Field(gt=0)


class Question(BaseModel):
    """The body of a request."""

    instances: list[Flower]


class Answer(BaseModel):
    """The body of an answer."""

    predictions: list[str]


app = FastAPI()
model = joblib.load(os.environ["BENCHMARK_MODEL"])


@app.post("/predict")
def predict(question: Question) -> Answer:
    """Answer each flower, in order."""
    rows = [list(flower.model_dump().values()) for flower in question.instances]
    return Answer(predictions=model.predict(np.array(rows)).tolist())
