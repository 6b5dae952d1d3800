"""Classifiers of scikit-learn compiled to ONNX, where they answer as the original does.

The compiled model answers one row in microseconds where scikit-learn takes milliseconds, and the
server starts without importing scikit-learn. It needs the packages onnx, onnxruntime and skl2onnx.

```python
save_classifier(model, directory, features)
compile_classifier(model, directory, features)
```
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from mldock.errors import ContainerError
from mldock.files import atomic_write
from mldock.sklearn import COMPILED, MODEL, Array, Classifier, most_probable

__all__ = ["CompiledClassifier", "compile_classifier"]

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

REPORT = "compiled.json"

# Of a probability. Compiled, it is a sum of float32 numbers: a thousand trees come to 9e-6. A row
# that takes another branch in one of them moves it by a thousandth.
TOLERANCE = 1e-5

# Of each kind of row that is compared.
MOST_ROWS = 5_000

# Else onnxruntime tells its maker of each model that it loads, and the thread that does so keeps
# a forked worker from ending.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

log = logging.getLogger(__name__)


class CompiledClassifier:
    """A compiled classifier, which answers as the pipeline does that it was compiled from.

    It has as many threads as OMP_NUM_THREADS says, one by default, and may be loaded before a fork.

    Args:
        model: The file, or its content.

    Attributes:
        classes_: The classes, in the order of the probabilities.

    Raises:
        ContainerError: It cannot be loaded.

    """

    def __init__(self, model: Path | bytes) -> None:
        self.model = model
        variable = os.environ.get("OMP_NUM_THREADS", "")
        self.threads = max(1, int(variable)) if variable.isdecimal() else 1
        self.opened: Any = None
        try:
            metadata = self.session.get_modelmeta().custom_metadata_map
            self.classes_ = np.array(json.loads(metadata["classes"]))
        # What onnxruntime raises depends on where in the file the fault lies.
        except Exception as error:
            raise ContainerError(
                f"{model if isinstance(model, Path) else COMPILED} cannot be loaded; delete it to "
                f"serve {MODEL}. {error}"
            ) from error
        if self.threads > 1:
            # A worker that is forked has none of them, and would wait for them for ever.
            os.register_at_fork(before=self.close)

    @property
    def session(self) -> Any:
        """The session of onnxruntime, with threads of its own if it may have several."""
        import onnxruntime

        session = self.opened
        if session is None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self.threads
            options.inter_op_num_threads = 1
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            model = str(self.model) if isinstance(self.model, Path) else self.model
            session = self.opened = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        return session

    def close(self) -> None:
        """Stop the threads; the next prediction starts new ones."""
        self.opened = None

    def predict_proba(self, features: Array) -> Array:
        """Return the probability of each class (columns) for each row; they are float32."""
        inputs = {"features": np.ascontiguousarray(features, dtype=np.float32)}
        probabilities: Array = self.session.run(["probabilities"], inputs)[0]
        return probabilities


def compile_classifier(model: Pipeline, directory: Path, features: Array) -> None:
    """Compile a pipeline to `model.onnx`, and keep it if it answers as the pipeline does.

    Labels and probabilities are compared on the given rows, on rows with gaps and extremes, and at
    the very values that trees split at. A model that answers differently, or that cannot be
    compiled, is not an error: then `model.skops` is served.

    Args:
        model: The pipeline that `save_classifier` has saved.
        directory: Where it was saved; `compiled.json` there says which file is served, and why.
        features: Rows to compare the answers on, of shape (rows, columns).

    """
    rows, apart = 0, None
    try:
        content = convert(model, features.shape[1])
        rows, apart, fault = compare(model, CompiledClassifier(content), features)
    # What skl2onnx and onnxruntime raise depends on the estimator.
    except Exception as error:
        lines = str(error).splitlines() or [repr(error)]
        fault = f"it cannot be compiled: {lines[0][:200]}"
    if not fault:
        with atomic_write(directory / COMPILED) as partial:
            partial.write_bytes(content)
    report = {
        "serves": MODEL if fault else COMPILED,
        "reason": fault or "it answers as the original does",
        "rows": rows,
        # JSON has no NaN.
        "largest_difference": apart if apart == apart else None,
    }
    (directory / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    log.info("%s will be served: %s (rows compared: %d)", report["serves"], report["reason"], rows)


def convert(model: Pipeline, columns: int) -> bytes:
    """Return the pipeline as an ONNX model that knows the names of the classes."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    inputs = [("features", FloatTensorType([None, columns]))]
    onnx = to_onnx(model, initial_types=inputs, options={"zipmap": False})
    onnx.metadata_props.add(key="classes", value=json.dumps(model.classes_.tolist()))
    content: bytes = onnx.SerializeToString()
    return content


@np.errstate(all="ignore")
def compare(
    model: Classifier, compiled: Classifier, features: Array
) -> tuple[int, float | None, str]:
    """Return how many rows were compared, the largest difference, and what is wrong with it."""
    count, apart = 0, 0.0
    features = features[:: len(features) // MOST_ROWS + 1].astype(np.float32)
    for kind, rows in odd_rows(model, features):
        try:
            expected = model.predict_proba(rows)
        except ValueError:
            # What the original refuses, such as NaN, has no right answer.
            continue
        answers = compiled.predict_proba(rows)
        count += len(rows)
        # NaN stays NaN, so that it is not within the tolerance.
        apart = float(np.max([apart, np.max(np.abs(answers - expected), initial=0)]))
        labels = compiled.classes_[most_probable(answers)[0]]
        wrong = int(np.sum(labels != model.classes_[most_probable(expected)[0]]))
        if wrong:
            return count, apart, f"compiled, it labels {wrong} of {len(rows)} {kind} otherwise"
        if not apart <= TOLERANCE:
            return count, apart, f"compiled, a probability of {kind} differs by {apart:.2g}"
    return count, apart, "" if count else "there are no rows to compare"


def odd_rows(model: Any, features: Array) -> Iterator[tuple[str, Array]]:
    """Yield rows as they are, with gaps and extremes, and at the edges of trees; and their kind."""
    yield "rows", features
    columns = features.shape[1]
    # One for each column.
    rows = np.resize(features, (columns, columns))
    limits = np.finfo(np.float32)
    odd = np.array([np.nan, 0, limits.tiny, limits.smallest_subnormal, 1, limits.max], np.float32)
    for value in (*odd, *-odd):
        yield f"rows of {value:.3g}", np.full((1, columns), value)
        yield f"rows with {value:.3g}", np.where(np.eye(columns, dtype=bool), value, rows)
    yield "rows at the edges of trees", split_rows(model, features)


def split_rows(model: Any, features: Array) -> Array:
    """Return rows that reach the trees' splits with the very value that is split at, or its next.

    A number that was rounded, or < in place of <=, shows there and hardly anywhere else.
    """
    inner = model[:-1].transform(features) if len(model) > 1 else features
    trees = [
        estimator.tree_
        for estimator in np.ravel(getattr(model[-1], "estimators_", [model[-1]]))
        if hasattr(estimator, "tree_")
    ]
    rows = [features[:0]]
    for tree in trees if np.shape(inner) == features.shape else []:
        path = tree.decision_path(np.asarray(inner, dtype=np.float32)).tocsc()
        # The first row that comes to each node.
        splits = np.flatnonzero((tree.feature >= 0) & (np.diff(path.indptr) > 0))
        splits = splits[: MOST_ROWS // len(trees) + 1]
        reaching = path.indices[path.indptr[splits]]
        edges = tree.threshold[splits].astype(np.float32)
        for value in (edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)):
            at_edge = features[reaching]
            at_edge[np.arange(len(splits)), tree.feature[splits]] = value
            rows.append(at_edge)
    return np.concatenate(rows)
