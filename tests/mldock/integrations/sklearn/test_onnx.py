"""A compiled classifier serves only where it answers as the original does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from mldock import ContainerError
from mldock import onnx as integration
from mldock.onnx import CompiledClassifier, compile_model, convert
from mldock.sklearn import load_model, most_probable, save_model
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

TUMORS = load_breast_cancer()
FEATURES, LABELS = TUMORS.data, TUMORS.target_names[TUMORS.target]

# What a server does: it loads the model, forks its workers, and they end.
SERVER = """
import os, sys
from pathlib import Path
import numpy as np
from mldock.sklearn import load_model
features = np.ones((500, int(sys.argv[2])))
loaded = load_model(Path(sys.argv[1]))
expected = loaded.predict_proba(features)
if worker := os.fork():
    assert os.waitpid(worker, 0)[1] == 0
assert np.array_equal(loaded.predict_proba(features), expected)
if worker:
    names = {"onnx", "scipy", "skl2onnx", "sklearn", "skops"}
    print(type(loaded).__name__, *sorted(names & sys.modules.keys()))
"""


def fit(*steps: Any, labels: np.ndarray[Any, Any] = LABELS) -> Pipeline:
    """Return a pipeline that has learnt from the data."""
    return make_pipeline(*steps).fit(FEATURES, labels)


@pytest.fixture(scope="module")
def forest() -> Pipeline:
    """Return a small forest."""
    return fit(SimpleImputer(strategy="median"), RandomForestClassifier(10, random_state=0))


def save(model: Pipeline, directory: Path) -> None:
    """Save a pipeline as a trainer does."""
    save_model(model, directory, FEATURES)
    compile_model(model, directory, FEATURES)


def report(directory: Path) -> dict[str, Any]:
    """Return what is told of the comparison."""
    content: dict[str, Any] = json.loads((directory / "compiled.json").read_text("utf-8"))
    return content


def test_answers_of_the_original(forest: Pipeline, tmp_path: Path) -> None:
    """The compiled model serves, and its answers are those of the original."""
    save(forest, tmp_path)
    loaded = load_model(tmp_path)

    expected = most_probable(forest.predict_proba(FEATURES))
    best, probability = most_probable(loaded.predict_proba(FEATURES))
    assert isinstance(loaded, CompiledClassifier)
    assert loaded.classes_.tolist() == forest.classes_.tolist()
    assert best.tolist() == expected[0].tolist()
    assert probability.tolist() == expected[1].tolist()
    assert report(tmp_path)["serves"] == "model.onnx"
    assert report(tmp_path)["rows"] > len(FEATURES)
    assert report(tmp_path)["largest_difference"] < 1e-6


def test_classes_that_are_numbers() -> None:
    """The answers of the compiled model have the type of the labels."""
    model = fit(RandomForestClassifier(3), labels=np.where(LABELS == "benign", 3, 7))

    loaded = CompiledClassifier(convert(model, FEATURES))

    assert loaded.classes_.tolist() == [3, 7]


def other_model(_content: bytes) -> bytes:
    """Return a model that has learnt the contrary from a few of the rows."""
    model = RandomForestClassifier(10, random_state=0).fit(FEATURES[:50], LABELS[:50][::-1])
    return convert(make_pipeline(model), FEATURES)


def swapped_classes(content: bytes) -> bytes:
    """Return the model with each class in the place of the other."""
    return content.replace(b'["benign", "malignant"]', b'["malignant", "benign"]')


def a_bit_more(content: bytes) -> bytes:
    """Return the model with probabilities that differ in the fifth digit."""
    return with_attribute(content, "class_weights", lambda weight: weight * 1.00002)


def less_than(content: bytes) -> bytes:
    """Return the model with < at every split, in place of <=."""
    return with_attribute(content, "nodes_modes", lambda mode: mode.replace(b"LEQ", b"LT"))


def rounded_up(content: bytes) -> bytes:
    """Return the model with every split at the next float32."""
    infinity = np.float32(np.inf)
    return with_attribute(
        content, "nodes_values", lambda value: np.nextafter(np.float32(value), infinity)
    )


def with_attribute(content: bytes, name: str, change: Callable[[Any], Any]) -> bytes:
    """Return the model with the values of an attribute of its trees changed."""
    model = onnx.load_from_string(content)
    trees = next(node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    attribute = next(each for each in trees.attribute if each.name == name)
    values = attribute.strings or attribute.floats
    values[:] = [change(value) for value in values]
    changed: bytes = model.SerializeToString()
    return changed


@pytest.mark.parametrize("spoil", [other_model, swapped_classes, a_bit_more, less_than, rounded_up])
def test_wrong_model_does_not_serve(
    forest: Pipeline,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[bytes], bytes],
) -> None:
    """A compiled model that answers differently is not kept, be it in the last bit of a split."""
    good = convert(forest, FEATURES)
    content = spoil(good)
    assert content != good
    monkeypatch.setattr(integration, "convert", lambda _model, _features: content)

    save(forest, tmp_path)

    assert not (tmp_path / "model.onnx").exists()
    assert isinstance(load_model(tmp_path), Pipeline)
    assert report(tmp_path)["serves"] == "model.skops"
    assert report(tmp_path)["reason"].startswith("compiled, ")


def test_wrong_at_gaps(tmp_path: Path) -> None:
    """A model that sends a gap elsewhere serves as it was, and the report says where it did."""
    save(fit(ExtraTreesClassifier(10, random_state=0)), tmp_path)

    assert report(tmp_path)["serves"] == "model.skops"
    assert "rows of nan" in report(tmp_path)["reason"]


@pytest.mark.parametrize("model", [LogisticRegression(), GaussianNB()])
def test_timestamps(tmp_path: Path, model: Any) -> None:
    """What computes in float64 does so compiled, where float32 would round seconds away."""
    seconds = np.random.default_rng(0).integers(0, 3000, 500)
    rows = np.column_stack([1_700_000_000.0 + seconds, seconds % 7])
    rows[::9, 0] = np.nan
    imputer = SimpleImputer(strategy="median")
    pipeline = make_pipeline(imputer, StandardScaler(), model).fit(rows, seconds > 1500)
    save_model(pipeline, tmp_path, rows)
    compile_model(pipeline, tmp_path, rows)

    loaded = load_model(tmp_path)

    # Two of them are one number in float32.
    edge = 1_700_000_000 + np.arange(1400.0, 1600)
    near = np.column_stack([np.append(edge, np.nan), np.zeros(201)])
    assert isinstance(loaded, CompiledClassifier)
    assert np.abs(loaded.predict_proba(near) - pipeline.predict_proba(near)).max() < 1e-12


@pytest.mark.parametrize(
    ("model", "operator"),
    [
        (RandomForestClassifier(3), "TreeEnsembleClassifier"),
        (AdaBoostClassifier(n_estimators=3), "TreeEnsembleClassifier"),
        (SVC(probability=True), "SVMClassifier"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*probability:FutureWarning")
def test_float32_inside(tmp_path: Path, model: Any, operator: str) -> None:
    """What is compiled to float32 behind a step that computes in float64 is not kept."""
    save(fit(StandardScaler(), model), tmp_path)

    assert report(tmp_path)["serves"] == "model.skops"
    assert f"{operator} computes in float32" in report(tmp_path)["reason"]


@pytest.mark.parametrize(
    ("model", "features", "reason"),
    [
        (Ridge(), FEATURES, "only classifiers with predict_proba"),
        (KNeighborsClassifier(), FEATURES, "several outputs"),
        (make_pipeline(TfidfVectorizer(), LogisticRegression()), None, "models of numbers"),
    ],
)
def test_other_models(tmp_path: Path, model: Any, features: Any, reason: str) -> None:
    """Models that are not compiled are served as they are, which is not an error."""
    rows = [f"text {label}" for label in LABELS] if features is None else features
    targets = (
        LABELS if features is None else np.column_stack([LABELS == "benign", FEATURES[:, 0] > 15])
    )
    model.fit(rows, targets)
    save_model(model, tmp_path, rows)
    compile_model(model, tmp_path, rows)

    assert type(load_model(tmp_path)) is type(model)
    assert reason in report(tmp_path)["reason"]


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_refused_by_both(tmp_path: Path, value: float) -> None:
    """What the original refuses has no answer of the compiled model either."""
    model = fit(GradientBoostingClassifier(n_estimators=3))
    save(model, tmp_path)
    loaded = load_model(tmp_path)
    row = np.where(np.arange(FEATURES.shape[1]) == 7, value, FEATURES[:1])

    assert isinstance(loaded, CompiledClassifier)
    for each in (model, loaded):
        with np.errstate(over="ignore"), pytest.raises(ValueError, match=r"NaN|too large"):
            each.predict_proba(row)


def test_refused_in_part(tmp_path: Path) -> None:
    """A model that takes gaps in some columns only serves as it is."""
    columns = make_column_transformer((StandardScaler(), [0]), remainder="drop")
    save(fit(columns, LogisticRegression()), tmp_path)

    assert report(tmp_path)["serves"] == "model.skops"
    assert "refuses nan in some of the columns only" in report(tmp_path)["reason"]


def test_model_that_cannot_be_compiled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, forest: Pipeline
) -> None:
    """It serves as it is, with the reason; what was compiled from an earlier one is gone."""
    save(forest, tmp_path)
    with caplog.at_level("INFO"):
        save(fit(DummyClassifier()), tmp_path)

    assert isinstance(load_model(tmp_path), Pipeline)
    assert report(tmp_path)["reason"].startswith("it cannot be compiled: ")
    assert "DummyClassifier" in report(tmp_path)["reason"]
    assert "model.skops will be served: it cannot be compiled" in caplog.text


def test_damaged_file(tmp_path: Path) -> None:
    """A file that is no model is named, with the remedy."""
    (tmp_path / "model.onnx").write_bytes(b"not a model")

    with pytest.raises(ContainerError, match=r"model\.onnx cannot be loaded; delete it to serve"):
        load_model(tmp_path)


@pytest.mark.parametrize("threads", ["", "many"])
def test_server(forest: Pipeline, tmp_path: Path, threads: str) -> None:
    """A worker that is forked answers and ends, and scikit-learn is not even imported."""
    save(forest, tmp_path)

    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", SERVER, tmp_path, str(FEATURES.shape[1])],
        env={**os.environ, "OMP_NUM_THREADS": threads},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )

    assert result.stdout.split() == ["CompiledClassifier"]
