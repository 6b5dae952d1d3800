"""Two services with a model of each kind; a test fits the models, and a server is started of each.

The server imports this file as `prediction`, from another folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from lightgbm import LGBMClassifier
from mldock.serving import ArrayService, ModelService
from mldock.sklearn import load_model, most_probable
from pydantic import BaseModel
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBRegressor


def imputed(model: Any) -> Any:
    """Return a model with an imputer before it."""
    return make_pipeline(SimpleImputer(), model)


def scaled(model: Any) -> Any:
    """Return a model with a scaler before it."""
    return make_pipeline(StandardScaler(), model)


CLASSIFIERS = {
    "tree": imputed(DecisionTreeClassifier(random_state=0)),
    "forest": imputed(RandomForestClassifier(10, random_state=0)),
    "extra_trees": imputed(ExtraTreesClassifier(10, random_state=0)),
    "boosting": imputed(GradientBoostingClassifier(n_estimators=20, random_state=0)),
    "hist_boosting": HistGradientBoostingClassifier(max_iter=20, random_state=0),
    "logistic": scaled(LogisticRegression()),
    "svm": scaled(SVC()),
    "calibrated_svm": scaled(CalibratedClassifierCV(SVC(), ensemble=False)),
    "neighbors": scaled(KNeighborsClassifier()),
    "bayes": GaussianNB(),
    "lightgbm": LGBMClassifier(n_estimators=20, verbose=-1),
}
REGRESSORS = {
    "linear": LinearRegression(),
    "forest_regressor": RandomForestRegressor(10, random_state=0),
    "hist_boosting_regressor": HistGradientBoostingRegressor(max_iter=20, random_state=0),
    "xgboost": XGBRegressor(n_estimators=20),
}
# Two numbers for each row.
SEVERAL = {"several_neighbors": scaled(KNeighborsRegressor()), "several_ridge": scaled(Ridge())}

OBJECT_MODELS = {
    "columns": make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), [0]), (StandardScaler(), [1])
        ),
        LogisticRegression(),
    ),
    "text": make_pipeline(make_column_transformer((TfidfVectorizer(), 2)), LogisticRegression()),
}


def answer(models: dict[str, Any], features: Any) -> dict[str, Any]:
    """Return the predictions of all models, and the probabilities of those that have some."""
    columns = {}
    for name, model in models.items():
        if hasattr(model, "predict_proba"):
            best, columns[f"{name}_probability"] = most_probable(model.predict_proba(features))
            columns[name] = model.classes_[best]
        else:
            columns[name] = model.predict(features)
    return columns


class Event(BaseModel):
    """A row of numbers."""

    timestamp: int
    amount: float


class Order(BaseModel):
    """A row of several kinds."""

    city: str
    size: float
    text: str


class Answers(BaseModel):
    """The predictions of all models."""

    by_model: dict[str, Any]


def load_models(model_dir: Path) -> dict[str, Any]:
    """Load a model from each folder."""
    return {path.name: load_model(path) for path in sorted(model_dir.iterdir())}


class NumberService(ArrayService[Event, Answers]):
    """Models of numbers."""

    input_type, output_type = Event, Answers
    batch_invariant = True

    def load(self, model_dir: Path) -> None:
        """Load all models."""
        self.models = load_models(model_dir)

    def predict(self, features: np.ndarray[Any, Any]) -> dict[str, Any]:
        """Answer with the predictions of all models."""
        columns = {name: values.tolist() for name, values in answer(self.models, features).items()}
        rows = zip(*columns.values(), strict=True)
        return {"by_model": [dict(zip(columns, row, strict=True)) for row in rows]}


def table_of(rows: Sequence[Order]) -> np.ndarray[Any, Any]:
    """Return orders as an array of objects."""
    return np.array([[row.city, row.size, row.text] for row in rows], dtype=object)


class ObjectService(ModelService[Order, Answers]):
    """Models of objects."""

    input_type, output_type = Order, Answers
    batch_invariant = True

    def load(self, model_dir: Path) -> None:
        """Load all models."""
        self.models = load_models(model_dir)

    def predict(self, rows: Sequence[Order]) -> list[Answers]:
        """Answer with the predictions of all models."""
        columns = answer(self.models, table_of(rows))
        return [
            Answers(by_model={name: values[row].item() for name, values in columns.items()})
            for row in range(len(rows))
        ]
