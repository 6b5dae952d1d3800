"""Yours: how the model is trained. This one is the mean flower of each species.

`train` is called with the channels in place. What it saves under `environment.model_dir` is the
model; what it saves under `environment.output_data_dir` is kept beside it.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from mldock import ContainerError, Environment, log_metric, report_classification
from mldock.evaluation import check_batch_invariance, predict_as_served
from pydantic import BaseModel, Field

from prediction import MODEL_DIR, MODEL_FILE, Flower, Service


class Hyperparameters(BaseModel):
    """What a run may change: `nox -s train -- -p test_size=0.2`."""

    test_size: float = Field(0.3, gt=0, lt=1, description="Share of rows that is held out.")
    seed: int = Field(0, description="Makes a run repeatable.")


def train(environment: Environment, hyperparameters: Hyperparameters) -> None:
    """Fit the model, measure it on rows that it has not seen, save both."""
    features, labels = read_flowers(environment.channel("training"))
    order = np.random.default_rng(hyperparameters.seed).permutation(len(features))
    held_out, seen = np.split(order, [round(len(order) * hyperparameters.test_size)])

    species = np.unique(labels[seen])
    centroids = np.array([features[seen][labels[seen] == name].mean(axis=0) for name in species])
    (environment.model_dir / MODEL_DIR).mkdir(exist_ok=True)
    np.savez(environment.model_dir / MODEL_FILE, species=species, centroids=centroids)
    service = Service()
    service.load(environment.model_dir)
    rows = [dict(zip(Flower.model_fields, row, strict=True)) for row in features[held_out].tolist()]
    directory = environment.model_dir / MODEL_DIR
    # If rows do not influence each other, requests that wait will share one prediction.
    service.batch_invariant = check_batch_invariance(service, rows, directory)
    # What is measured are the answers of the server, from the request to the response.
    predicted = predict_as_served(service, rows)["species"]
    report_classification(labels[held_out], predicted)
    metrics = {"accuracy": round(float(np.mean(labels[held_out] == predicted)), 4)}
    log_metric("accuracy", metrics["accuracy"])
    (environment.output_data_dir / "metrics.json").write_text(
        json.dumps(metrics, indent=2) + "\n", encoding="utf-8"
    )


def read_flowers(directory: Path) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the features, one row a flower, and the species."""
    features, species = [], []
    for path in sorted(directory.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in (reader := csv.DictReader(file)):
                name = ""
                try:
                    features.append([float(row[name := column]) for column in Flower.model_fields])
                    species.append(row["species"])
                except KeyError as error:
                    raise ContainerError(
                        f"{path} lacks the column {error}. Correct its first line."
                    ) from error
                except (TypeError, ValueError) as error:
                    raise ContainerError(
                        f"{path}, line {reader.line_num}, {name}: a value is absent, or not a "
                        f"number: {error}. Correct it."
                    ) from error
    if not features:
        raise ContainerError(f"{directory} holds no rows of CSV. Put the training data there.")
    return np.array(features), np.array(species)
