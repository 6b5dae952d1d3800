"""Yours: how the classifier is saved and loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mldock import ContainerError
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from skops.io.exceptions import UntrustedTypesFoundException

import classifier

FEATURES = np.random.default_rng(0).normal(size=(60, 3))
LABELS = np.where(FEATURES[:, 0] > 0, "high", "low")


def forest() -> Pipeline:
    """Return a small forest."""
    return make_pipeline(RandomForestClassifier(5, random_state=0)).fit(FEATURES, LABELS)


def test_saved_is_loaded(tmp_path: Path) -> None:
    """A classifier answers after loading as it did before it was saved."""
    model = forest()

    classifier.save(model, tmp_path / "new", FEATURES)
    loaded = classifier.load_original(tmp_path / "new")

    assert loaded.classes_.tolist() == ["high", "low"]
    assert np.array_equal(loaded.predict_proba(FEATURES), model.predict_proba(FEATURES))


def test_code_is_not_loaded(tmp_path: Path) -> None:
    """A type that nobody trusts fails the training, not the server."""
    model = make_pipeline(FunctionTransformer(forest), RandomForestClassifier(5))

    with pytest.raises(UntrustedTypesFoundException, match="forest"):
        classifier.save(model, tmp_path, FEATURES)


def test_other_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that answers otherwise than what was saved fails the training."""
    other = make_pipeline(RandomForestClassifier(5)).fit(FEATURES, LABELS[::-1])
    monkeypatch.setattr(classifier, "load_original", lambda _directory: other)

    with pytest.raises(ContainerError, match=r"model\.skops answers otherwise"):
        classifier.save(forest(), tmp_path, FEATURES)


def test_tie_is_a_tie() -> None:
    """Of two classes that differ in the last digits of a sum, the first is the answer."""
    best, probability = classifier.most_probable(
        np.array([[0.4999997, 0.5000003], [0.2, 0.8]], dtype=np.float32)
    )

    assert best.tolist() == [0, 1]
    assert probability.tolist() == [0.5, 0.8]
