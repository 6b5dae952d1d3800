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
from mldock.onnx import CompiledClassifier, compile_classifier, convert
from mldock.sklearn import load_classifier, most_probable, save_classifier
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline

TUMORS = load_breast_cancer()
FEATURES, LABELS = TUMORS.data, TUMORS.target_names[TUMORS.target]

# What a server does: it loads the model, forks its workers, and they end.
SERVER = """
import os, sys
from pathlib import Path
import numpy as np
from mldock.sklearn import load_classifier
features = np.ones((500, int(sys.argv[2])))
loaded = load_classifier(Path(sys.argv[1]))
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
    save_classifier(model, directory, FEATURES)
    compile_classifier(model, directory, FEATURES)


def report(directory: Path) -> dict[str, Any]:
    """Return what is told of the comparison."""
    content: dict[str, Any] = json.loads((directory / "compiled.json").read_text("utf-8"))
    return content


def test_answers_of_the_original(forest: Pipeline, tmp_path: Path) -> None:
    """The compiled model serves, and its answers are those of the original."""
    save(forest, tmp_path)
    loaded = load_classifier(tmp_path)

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

    loaded = CompiledClassifier(convert(model, FEATURES.shape[1]))

    assert loaded.classes_.tolist() == [3, 7]


def other_model(_content: bytes) -> bytes:
    """Return a model that has learnt the contrary from a few of the rows."""
    model = RandomForestClassifier(10, random_state=0).fit(FEATURES[:50], LABELS[:50][::-1])
    return convert(make_pipeline(model), FEATURES.shape[1])


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
    good = convert(forest, FEATURES.shape[1])
    content = spoil(good)
    assert content != good
    monkeypatch.setattr(integration, "convert", lambda _model, _columns: content)

    save(forest, tmp_path)

    assert not (tmp_path / "model.onnx").exists()
    assert isinstance(load_classifier(tmp_path), Pipeline)
    assert report(tmp_path)["serves"] == "model.skops"
    assert report(tmp_path)["reason"].startswith("compiled, ")


def test_wrong_at_gaps_and_extremes(tmp_path: Path) -> None:
    """A model that overflows in float32 serves as it was, and the report says where it did."""
    save(fit(SimpleImputer(), GaussianNB()), tmp_path)

    assert report(tmp_path)["serves"] == "model.skops"
    assert "rows of 3.4e+38" in report(tmp_path)["reason"]


def test_model_that_cannot_be_compiled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, forest: Pipeline
) -> None:
    """It serves as it is, with the reason; what was compiled from an earlier one is gone."""
    save(forest, tmp_path)
    with caplog.at_level("INFO"):
        save(fit(DummyClassifier()), tmp_path)

    assert isinstance(load_classifier(tmp_path), Pipeline)
    assert report(tmp_path)["reason"].startswith("it cannot be compiled: ")
    assert "DummyClassifier" in report(tmp_path)["reason"]
    assert "model.skops will be served: it cannot be compiled" in caplog.text


def test_damaged_file(tmp_path: Path) -> None:
    """A file that is no model is named, with the remedy."""
    (tmp_path / "model.onnx").write_bytes(b"not a model")

    with pytest.raises(ContainerError, match=r"model\.onnx cannot be loaded; delete it to serve"):
        load_classifier(tmp_path)


@pytest.mark.parametrize("threads", ["", "2", "many"])
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
