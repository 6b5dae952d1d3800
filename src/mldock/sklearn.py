"""Estimators of scikit-learn and of boosting libraries: how they are saved, loaded and served.

```python
save_model(model, environment.model_dir / "classifier", features)  # in the training
classifier = load_model(model_dir / "classifier")  # in the server
classes, probabilities = most_probable(classifier.predict_proba(features))
```
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from mldock.errors import ContainerError
from mldock.serving import RequestError
from pydantic import BaseModel

__all__ = ["Classifier", "LargeNumberRefusal", "load_model", "most_probable", "save_model"]

Array = np.ndarray[Any, Any]

MODEL = "model.skops"
# What `mldock.onnx` makes of it.
COMPILED = "model.onnx"

# A pickle, joblib's format too, runs any code that its writer put in. A skops file creates objects
# of named types from data: those of these libraries hold what was fitted and run nothing else,
# although a file that was tampered with may crash the process. Functions are not trusted, those of
# these libraries neither: an estimator calls them with arguments that the file chooses.
LIBRARIES = ("sklearn", "lightgbm", "xgboost", "catboost")
CONTAINERS = ("numpy.dtype", "collections.OrderedDict")

# Of a probability. The last digits of a sum depend on its order; without them a tie is a tie.
DIGITS = 4

log = logging.getLogger(__name__)


class Classifier(Protocol):
    """A classifier with probabilities: an estimator, or what was compiled from it.

    Attributes:
        classes_: The classes, in the order of the probabilities.

    """

    classes_: Array

    def predict_proba(self, features: Array) -> Array:
        """Return the probability of each class (columns) for each row."""


def save_model(model: Any, directory: Path, features: Any, trusted: Sequence[str] = ()) -> None:
    """Save an estimator as `model.skops`, without pickle, and compare the answers of the file.

    Args:
        model: A fitted estimator or pipeline of scikit-learn, LightGBM, XGBoost or CatBoost.
        directory: Where to; it is created if it does not exist.
        features: Rows to compare the answers on, as the model takes them.
        trusted: Names of other types that may be loaded; `load_model` needs the same.

    Raises:
        ContainerError: The model has a type that is not trusted, or its file answers differently.

    """
    import skops.io

    directory.mkdir(exist_ok=True)
    # That of an earlier run is not of this model.
    (directory / COMPILED).unlink(missing_ok=True)
    skops.io.dump(model, directory / MODEL)
    method = "predict_proba" if hasattr(model, "predict_proba") else "predict"
    loaded = load_original(directory, trusted)
    if not are_equal(getattr(loaded, method)(features), getattr(model, method)(features)):
        raise ContainerError(
            f"{directory / MODEL} answers differently from the model that was saved in it. "
            "Save this kind of model in another way."
        )


def load_model(directory: Path, trusted: Sequence[str] = ()) -> Any:
    """Load a model: `model.onnx` where `mldock.onnx` has left one, else `model.skops`.

    Args:
        directory: Where `save_model` saved it.
        trusted: The types that were given to `save_model`.

    Raises:
        ContainerError: `model.onnx` is not a compiled model, or `model.skops` has a type that is
            not trusted.

    """
    if (directory / COMPILED).exists():
        log.info("the model is %s", directory / COMPILED)
        # Imported here, as skops below: a server needs one of them, and scikit-learn is large.
        from mldock.onnx import CompiledClassifier

        return CompiledClassifier(directory / COMPILED)
    log.info("the model is %s", directory / MODEL)
    return load_original(directory, trusted)


def load_original(directory: Path, trusted: Sequence[str]) -> Any:
    """Load the estimator."""
    import skops.io

    path = directory / MODEL
    names = skops.io.get_untrusted_types(file=path)
    unknown = [name for name in names if name not in trusted and not is_library_type(name)]
    if unknown:
        raise ContainerError(
            f"{path} has types that may run code of their own: {', '.join(unknown)}. Look at them; "
            f"if they are harmless, pass trusted={unknown!r} to save_model and load_model."
        )
    return skops.io.load(path, trusted=names)


def is_library_type(name: str) -> bool:
    """Return whether a name in a file is that of a class of a trusted library."""
    if name in CONTAINERS:
        return True
    module, _, attribute = name.rpartition(".")
    library = module.partition(".")[0]
    if library not in LIBRARIES:
        return False
    # No module is imported because a file names it.
    importlib.import_module(library)
    return isinstance(getattr(sys.modules.get(module), attribute, None), type)


def are_equal(one: Any, other: Any) -> bool:
    """Compare predictions exactly; a classifier of several outputs has a list of them."""
    if isinstance(one, list):
        return len(one) == len(other) and all(map(are_equal, one, other))
    one, other = np.asarray(one), np.asarray(other)
    return np.array_equal(one, other, equal_nan=one.dtype.kind == other.dtype.kind == "f")


def most_probable(probabilities: Array) -> tuple[Array, Array]:
    """Return the index of the most probable class of each row, the first of equals, and its value.

    Args:
        probabilities: What `predict_proba` returned, of shape (rows, classes).

    Returns:
        Two arrays of shape (rows,). The probabilities are rounded to four digits.

    """
    rounded = np.asarray(probabilities, dtype=float).round(DIGITS)
    return rounded.argmax(axis=1), rounded.max(axis=1)


class LargeNumberRefusal:
    """Answers with 422 where a model fails at a number that is too large for float32, for `with`.

    The trees of scikit-learn compare in float32 and raise ValueError for what it cannot hold; the
    model alone knows that.

    Args:
        features: The rows that are predicted in the block.
        input_type: The type of a row, for the name of the field.

    """

    def __init__(self, features: Array, input_type: type[BaseModel]) -> None:
        self.features = features
        self.input_type = input_type

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if not isinstance(error, ValueError):
            return
        large = np.argwhere(np.abs(self.features) > np.finfo(np.float32).max)
        if len(large):
            (row, column), fields = large[0], list(self.input_type.model_fields)
            raise RequestError(
                422,
                f"row {row + 1}, {fields[column if len(fields) > 1 else 0]}: "
                f"{self.features[row, column]} is too large for float32, in which the model "
                "compares",
            ) from error
