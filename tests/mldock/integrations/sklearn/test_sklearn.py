"""Classifiers are saved and loaded without pickle, and answer as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mldock import ContainerError
from mldock import sklearn as integration
from mldock.sklearn import (
    TRUSTED_TYPES,
    Array,
    load_classifier,
    most_probable,
    save_classifier,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from skops.io.exceptions import UntrustedTypesFoundException

FEATURES = np.random.default_rng(0).normal(size=(60, 3))
LABELS = np.where(FEATURES[:, 0] > 0, "high", "low")


def forest() -> Pipeline:
    """Return a small forest."""
    return make_pipeline(RandomForestClassifier(5, random_state=0)).fit(FEATURES, LABELS)


def test_saved_is_loaded(tmp_path: Path) -> None:
    """A classifier answers after loading as it did before it was saved."""
    model = forest()

    save_classifier(model, tmp_path / "new", FEATURES)
    loaded = load_classifier(tmp_path / "new")

    assert loaded.classes_.tolist() == ["high", "low"]
    assert np.array_equal(loaded.predict_proba(FEATURES), model.predict_proba(FEATURES))


def test_code_is_not_loaded(tmp_path: Path) -> None:
    """A type that nobody trusts fails the training, not the server; its owner may trust it."""
    model = make_pipeline(FunctionTransformer(same), RandomForestClassifier(5))
    model.fit(FEATURES, LABELS)

    with pytest.raises(UntrustedTypesFoundException, match="same"):
        save_classifier(model, tmp_path, FEATURES)

    trusted = [*TRUSTED_TYPES, f"{__name__}.same"]
    save_classifier(model, tmp_path, FEATURES, trusted)
    assert load_classifier(tmp_path, trusted).classes_.tolist() == ["high", "low"]
    with pytest.raises(UntrustedTypesFoundException, match="same"):
        load_classifier(tmp_path)


def same(features: Array) -> Array:
    """Return the features as they are."""
    return features


def test_other_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that answers differently from what was saved fails the training."""
    other = make_pipeline(RandomForestClassifier(5)).fit(FEATURES, LABELS[::-1])
    monkeypatch.setattr(integration, "load_original", lambda *_arguments: other)

    with pytest.raises(ContainerError, match=r"model\.skops answers differently"):
        save_classifier(forest(), tmp_path, FEATURES)


def test_tie_is_a_tie() -> None:
    """Of two classes that differ in the last digits of a sum, the first is the answer."""
    best, probability = most_probable(
        np.array([[0.4999997, 0.5000003], [0.2, 0.8]], dtype=np.float32)
    )

    assert best.tolist() == [0, 1]
    assert probability.tolist() == [0.5, 0.8]
