"""Classifiers of scikit-learn: how they are saved, loaded and asked.

```python
save_classifier(model, environment.model_dir / "classifier", features)  # in the training
classifier = load_classifier(model_dir / "classifier")  # in the server
classes, probabilities = most_probable(classifier.predict_proba(features))
```
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from mldock.errors import ContainerError

__all__ = ["TRUSTED_TYPES", "Classifier", "load_classifier", "most_probable", "save_classifier"]

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Array = np.ndarray[Any, Any]

MODEL = "model.skops"
# What `mldock.onnx` makes of it.
COMPILED = "model.onnx"

TRUSTED_TYPES = ("numpy.dtype", "sklearn.tree._tree.Tree")
"""The types that a file may have beside scikit-learn's estimators and numpy's arrays.

A pickle, joblib's format too, runs any code that its writer put in; a skops file holds data only.
"""

# Of a probability. The last digits of a sum depend on its order; without them a tie is a tie.
DIGITS = 4

log = logging.getLogger(__name__)


class Classifier(Protocol):
    """A model that can be asked: a pipeline of scikit-learn, or what was compiled from it.

    Attributes:
        classes_: The classes, in the order of the probabilities.

    """

    classes_: Array

    def predict_proba(self, features: Array) -> Array:
        """Return the probability of each class (columns) for each row."""


def save_classifier(
    model: Pipeline, directory: Path, features: Array, trusted: Sequence[str] = TRUSTED_TYPES
) -> None:
    """Save a pipeline as `model.skops`, without pickle, and compare the answers of the file.

    Args:
        model: A fitted pipeline.
        directory: Where to; it is created if it does not exist.
        features: Rows to compare the answers on, of shape (rows, columns).
        trusted: The types that may be loaded besides estimators and arrays; `load_classifier`
            needs the same.

    Raises:
        ContainerError: The file answers differently from the pipeline.
        UntrustedTypesFoundException: The pipeline has a type that is not in `trusted`.

    """
    import skops.io

    directory.mkdir(exist_ok=True)
    # That of an earlier run is not of this model.
    (directory / COMPILED).unlink(missing_ok=True)
    skops.io.dump(model, directory / MODEL)
    answers = load_original(directory, trusted).predict_proba(features)
    if not np.array_equal(answers, model.predict_proba(features), equal_nan=True):
        raise ContainerError(
            f"{directory / MODEL} answers differently from the model that was saved in it. "
            "Save this kind of model in another way."
        )


def load_classifier(directory: Path, trusted: Sequence[str] = TRUSTED_TYPES) -> Classifier:
    """Load the classifier: `model.onnx` where `mldock.onnx` has left one, else `model.skops`.

    Args:
        directory: Where `save_classifier` saved it.
        trusted: The types that were given to `save_classifier`.

    Raises:
        ContainerError: `model.onnx` is not a compiled classifier.

    """
    if (directory / COMPILED).exists():
        log.info("the model is %s", directory / COMPILED)
        # Imported here, as skops below: a server needs one of them, and scikit-learn is large.
        from mldock.onnx import CompiledClassifier

        return CompiledClassifier(directory / COMPILED)
    log.info("the model is %s", directory / MODEL)
    return load_original(directory, trusted)


def load_original(directory: Path, trusted: Sequence[str]) -> Classifier:
    """Load the pipeline."""
    import skops.io

    return cast(Classifier, skops.io.load(directory / MODEL, trusted=list(trusted)))


def most_probable(probabilities: Array) -> tuple[Array, Array]:
    """Return the index of the most probable class of each row, the first of equals, and its value.

    Args:
        probabilities: What `predict_proba` returned, of shape (rows, classes).

    Returns:
        Two arrays of shape (rows,). The probabilities are rounded to four digits.

    """
    rounded = np.asarray(probabilities, dtype=float).round(DIGITS)
    return rounded.argmax(axis=1), rounded.max(axis=1)
