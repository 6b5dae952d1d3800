"""Estimators are saved and loaded without pickle, and answer as before."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier
from mldock import ContainerError
from mldock import sklearn as integration
from mldock.serving import RequestError
from mldock.sklearn import (
    Array,
    LargeNumberRefusal,
    load_model,
    most_probable,
    save_model,
)
from pydantic import create_model
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer
from sklearn.svm import SVC
from xgboost import XGBRegressor

FEATURES = np.random.default_rng(0).normal(size=(60, 3))
LABELS = np.where(FEATURES[:, 0] > 0, "high", "low")


def forest() -> Pipeline:
    """Return a small forest."""
    return make_pipeline(RandomForestClassifier(5, random_state=0)).fit(FEATURES, LABELS)


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(),
        VotingClassifier([("svm", SVC())]),
        CalibratedClassifierCV(SVC(), ensemble=False),
        make_pipeline(KBinsDiscretizer(), RandomForestClassifier(3)),
        HistGradientBoostingRegressor(max_iter=3),
        MLPRegressor(solver="lbfgs", max_iter=20),
        # Two outputs, of two and of three classes.
        RandomForestClassifier(3),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_saved_is_loaded(tmp_path: Path, model: Any) -> None:
    """A model answers after loading as it did before it was saved, whatever types it has."""
    targets: Any = FEATURES[:, 0] if hasattr(model, "max_iter") else LABELS
    if isinstance(model, RandomForestClassifier):
        targets = np.column_stack([FEATURES[:, 0] > 0, np.arange(60) % 3])
    model.fit(FEATURES, targets)

    save_model(model, tmp_path / "new", FEATURES)
    loaded = load_model(tmp_path / "new")

    assert np.array_equal(loaded.predict(FEATURES), model.predict(FEATURES))


def test_libraries(tmp_path: Path) -> None:
    """A model of a boosting library is loaded where the library is installed."""
    for model in (LGBMClassifier(n_estimators=2, verbose=-1), XGBRegressor(n_estimators=2)):
        model.fit(FEATURES, FEATURES[:, 0] > 0)
        save_model(model, tmp_path, FEATURES)

        assert type(load_model(tmp_path)) is type(model)


def same(features: Array) -> Array:
    """Return the features as they are."""
    return features


# `load` of numpy reads files, and `f2py` runs commands.
@pytest.mark.parametrize("function", [same, np.load, integration.most_probable])
def test_functions_are_not_loaded(tmp_path: Path, function: Any) -> None:
    """A function fails the training, with the file, its name and the remedy; it may be trusted."""
    model = make_pipeline(FunctionTransformer(same), RandomForestClassifier(5))
    model.fit(FEATURES, LABELS)
    model.steps[0][1].func = function
    name = f"{function.__module__}.{function.__name__}"

    with pytest.raises(ContainerError, match=re.escape(name)) as caught:
        save_model(model, tmp_path, FEATURES)
    assert str(caught.value).startswith(f"{tmp_path / 'model.skops'} has types that")
    assert f"pass trusted=['{name}'] to save_model and load_model" in str(caught.value)

    if function is same:
        save_model(model, tmp_path, FEATURES, [name])
        assert load_model(tmp_path, [name]).classes_.tolist() == ["high", "low"]
        with pytest.raises(ContainerError, match="same"):
            load_model(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "sklearn.utils.check_array",
        "sklearn.tree._tree.Tree.predict",
        "sklearn.absent.Model",
        "numpy.memmap",
        "builtins.eval",
        "sklearn",
    ],
)
def test_what_is_not_trusted(name: str) -> None:
    """No function, no method, no other package, and nothing that is not imported."""
    assert not integration.is_library_type(name)


def test_other_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that answers differently from what was saved fails the training."""
    other = make_pipeline(RandomForestClassifier(5)).fit(FEATURES, LABELS[::-1])
    monkeypatch.setattr(integration, "load_original", lambda *_arguments: other)

    with pytest.raises(ContainerError, match=r"model\.skops answers differently"):
        save_model(forest(), tmp_path, FEATURES)


def test_tie_is_a_tie() -> None:
    """Of two classes that differ in the last digits of a sum, the first is the answer."""
    best, probability = most_probable(
        np.array([[0.4999997, 0.5000003], [0.2, 0.8]], dtype=np.float32)
    )

    assert best.tolist() == [0, 1]
    assert probability.tolist() == [0.5, 0.8]


def test_large_number() -> None:
    """A number that the trees cannot hold is told with its row and field; other errors pass."""
    rows = FEATURES[:2].copy()
    rows[1, 2] = -1e300
    row_type = create_model("Row", a=float, b=float, c=float)

    with (
        np.errstate(over="ignore"),
        pytest.raises(RequestError, match=r"row 2, c: -1e\+300 is too large for float32") as caught,
        LargeNumberRefusal(rows, row_type),
    ):
        forest().predict_proba(rows)
    assert caught.value.status == 422
    with pytest.raises(ValueError, match="features"), LargeNumberRefusal(FEATURES, row_type):
        forest().predict_proba(FEATURES[:, :2])
