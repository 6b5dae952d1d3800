"""Yours: how the model is trained.

`train` is called with the channels in place. What it saves under `environment.model_dir` is the
model; what it saves under `environment.output_data_dir` is kept beside it. Of several hosts the
first one trains, and what runs in parallel is spread over all of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from mldock import (
    ContainerError,
    Environment,
    report_classification,
    report_metric,
)
from mldock.serving.independence import prove
from pydantic import BaseModel, Field
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline

from classifier import save
from cluster import Parallel, lead, work
from prediction import MALIGNANT, MODEL_DIR, Service, Tumor


class Hyperparameters(BaseModel):
    """What a run may change: `nox -s train -- -p n_estimators 300`."""

    n_estimators: int = Field(100, ge=1, description="Number of trees.")
    max_depth: int | None = Field(None, ge=1, description="Depth of a tree; None has no limit.")
    test_size: float = Field(0.25, gt=0, lt=1, description="Share of rows that is held out.")
    folds: int | None = Field(None, ge=2, description="Of a cross-validation; None leaves it out.")
    seed: int = Field(0, description="Makes a run repeatable.")


def train(environment: Environment, hyperparameters: Hyperparameters) -> None:
    """Fit a random forest, measure it on rows that it has not seen, save both."""
    if not environment.is_first:
        work(environment)
        return
    with lead(environment) as parallel:
        fit(environment, hyperparameters, parallel)


def fit(environment: Environment, hyperparameters: Hyperparameters, parallel: Parallel) -> None:
    """Train on the first host; what is under `parallel` runs on all."""
    features, labels = read_tumors(environment.channel("training"))
    train_features, test_features, train_labels, test_labels = train_test_split(
        features,
        labels,
        test_size=hyperparameters.test_size,
        stratify=labels,
        random_state=hyperparameters.seed,
    )
    model = make_pipeline(
        SimpleImputer(strategy="median"),
        RandomForestClassifier(
            n_estimators=hyperparameters.n_estimators,
            max_depth=hyperparameters.max_depth,
            random_state=hyperparameters.seed,
        ),
    )
    metrics = {}
    with parallel():
        model.fit(train_features, train_labels)
        if folds := hyperparameters.folds:
            scores = cross_val_score(model, train_features, train_labels, cv=folds)
            metrics["cross_validated_accuracy"] = round(float(scores.mean()), 4)
    save(model, environment.model_dir / MODEL_DIR, features)
    service = Service()
    service.load(environment.model_dir)
    prove(service, test_features, environment.model_dir / MODEL_DIR)

    metrics |= evaluate(model, test_features, test_labels)
    for name, value in metrics.items():
        report_metric(name, value)
    output = environment.output_data_dir
    (output / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")


def read_tumors(directory: Path) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the features, one row a tumor and NaN where a cell is empty, and the diagnoses."""
    columns = [*Tumor.model_fields, "diagnosis"]
    tables = []
    for path in sorted(directory.glob("*.csv")):
        try:
            table = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8-sig")
        except ValueError as error:
            raise ContainerError(
                f"{path} is no table. Correct it, or take it away: {error}"
            ) from error
        if missing := set(columns).difference(table.dtype.names or ()):
            raise ContainerError(
                f"{path} lacks the columns {', '.join(sorted(missing))}. Correct its first line."
            )
        tables.append(np.atleast_1d(table)[columns])
    if not tables:
        raise ContainerError(f"{directory} holds no .csv file. Put the training data there.")
    table = np.concatenate(tables)
    features = np.column_stack([table[name].astype(float) for name in Tumor.model_fields])
    return features, table["diagnosis"]


def evaluate(
    model: Pipeline, features: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]
) -> dict[str, float]:
    """Measure the model for the report; malignant is the class that must not be missed."""
    predicted = model.predict(features)
    probability = model.predict_proba(features)[:, list(model.classes_).index(MALIGNANT)]
    report_classification(labels, predicted, probability, positive=MALIGNANT)
    metrics = {
        "accuracy": accuracy_score(labels, predicted),
        "precision": precision_score(labels, predicted, pos_label=MALIGNANT),
        "recall": recall_score(labels, predicted, pos_label=MALIGNANT),
        "roc_auc": roc_auc_score(labels == MALIGNANT, probability),
    }
    return {name: round(float(value), 4) for name, value in metrics.items()}
