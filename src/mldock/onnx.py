"""Classifiers of scikit-learn compiled to ONNX, where they answer as the original does.

The compiled model answers one row in microseconds where scikit-learn takes milliseconds, and the
server starts without importing scikit-learn. It needs the packages onnx, onnxruntime and skl2onnx.

```python
save_model(model, directory, features)
compile_model(model, directory, features)
```
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from mldock.errors import ContainerError
from mldock.files import atomic_write
from mldock.metrics import note
from mldock.sklearn import COMPILED, MODEL, Array, Classifier, most_probable

__all__ = ["CompiledClassifier", "compile_model"]

REPORT = "compiled.json"

# Of a probability. Compiled, that of a forest is a sum of float32 numbers: a thousand trees come to
# 9e-6. A row that takes another branch in one of them moves it by a thousandth.
TOLERANCE = 1e-5

# Of each kind of row that is compared.
MOST_ROWS = 5_000

# Else onnxruntime tells its maker of each model that it loads, and the thread that does so keeps
# a forked worker from ending.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

log = logging.getLogger(__name__)


class CompiledClassifier:
    """A compiled classifier, which answers as the estimator does that it was compiled from.

    It has as many threads as OMP_NUM_THREADS says, one by default.

    Args:
        model: The file, or its content.

    Attributes:
        classes_: The classes, in the order of the probabilities.

    Raises:
        ContainerError: It cannot be loaded.

    """

    def __init__(self, model: Path | bytes) -> None:
        variable = os.environ.get("OMP_NUM_THREADS", "")
        try:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = max(1, int(variable)) if variable.isdecimal() else 1
            options.inter_op_num_threads = 1
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self.session: Any = onnxruntime.InferenceSession(
                str(model) if isinstance(model, Path) else model,
                options,
                providers=["CPUExecutionProvider"],
            )
            metadata = self.session.get_modelmeta().custom_metadata_map
            self.classes_ = np.array(json.loads(metadata["classes"]))
            self.refuses_nan, self.refuses_infinity = json.loads(metadata["refuses"])
            is_double = self.session.get_inputs()[0].type == "tensor(double)"
        # What onnxruntime raises depends on where in the file the fault lies.
        except Exception as error:
            raise ContainerError(
                f"{model if isinstance(model, Path) else COMPILED} cannot be loaded; delete it to "
                f"serve {MODEL}. {error}"
            ) from error
        self.dtype = np.float64 if is_double else np.float32

    def predict_proba(self, features: Array) -> Array:
        """Return the probability of each class (columns) for each row.

        Raises:
            ValueError: A value is NaN, infinite or too large, and the original refuses that.

        """
        inputs = np.ascontiguousarray(features, dtype=self.dtype)
        # Cheaper than a look at each number.
        if not math.isfinite(np.add.reduce(inputs, axis=None)):
            if self.refuses_nan and np.isnan(inputs).any():
                raise ValueError("The rows contain NaN.")
            if self.refuses_infinity and np.isinf(inputs).any():
                raise ValueError("The rows contain a number that is too large.")
        probabilities: Array = self.session.run(["probabilities"], {"features": inputs})[0]
        return probabilities


def compile_model(model: Any, directory: Path, features: Any) -> None:
    """Compile a classifier to `model.onnx`, and keep it if it answers as the original does.

    Labels and probabilities are compared on the given rows, on rows with gaps and extremes, and at
    the very values that trees split at. A model that answers differently, or that cannot be
    compiled, such as a regressor, is not an error: then `model.skops` is served.

    Args:
        model: The estimator that `save_model` has saved.
        directory: Where it was saved; `compiled.json` there says which file is served, and why.
        features: Rows to compare the answers on, as they reach the service; only arrays of numbers,
            of shape (rows, columns), can be compiled for.

    """
    rows, apart, content = 0, 0.0, b""
    try:
        if not (fault := find_obstacle(model, features)):
            features = np.asarray(features, dtype=np.float64)
            content = convert(model, features)
            rows, apart, fault = compare(model, CompiledClassifier(content), features)
    # What skl2onnx and onnxruntime raise depends on the estimator.
    except Exception as error:
        lines = str(error).splitlines() or [repr(error)]
        fault = f"it cannot be compiled: {lines[0][:120]}"
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
    note({"topic": "model", "remark": f"{report['serves']} is served: {report['reason']}"})


def find_obstacle(model: Any, features: Any) -> str:
    """Return why a model is not even tried, or an empty string."""
    if not hasattr(model, "predict_proba"):
        return "only classifiers with predict_proba are compiled"
    if not isinstance(model.classes_, np.ndarray):
        return "a classifier of several outputs is not compiled"
    if not isinstance(features, np.ndarray) or features.dtype.kind not in "biuf":
        return "only models of numbers are compiled"
    return ""


def convert(model: Any, features: Array) -> bytes:
    """Return a classifier as an ONNX model that knows its classes and what it refuses.

    Raises:
        ValueError: The model would compute in another precision than the original.

    """
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
    from sklearn.impute import SimpleImputer

    is_single = compares_in_float32(model)
    kind = FloatTensorType if is_single else DoubleTensorType
    inputs = [("features", kind([None, features.shape[1]]))]
    onnx = convert_sklearn(
        model,
        initial_types=inputs,
        options={"zipmap": False},
        custom_conversion_functions={} if is_single else {SimpleImputer: impute_in_float64},
    )
    if not is_single and (found := find_float32(onnx)):
        raise ValueError(f"{found} computes in float32, the original in float64")
    refuses = [refuses_value(model, features, value) for value in (np.nan, np.inf)]
    onnx.metadata_props.add(key="classes", value=json.dumps(model.classes_.tolist()))
    onnx.metadata_props.add(key="refuses", value=json.dumps(refuses))
    content: bytes = onnx.SerializeToString()
    return content


def impute_in_float64(scope: Any, operator: Any, container: Any) -> None:
    """Convert a SimpleImputer for skl2onnx, whose own rounds the values that it fills in."""
    from onnx import TensorProto

    imputer, given, filled = operator.raw_operator, operator.inputs[0], operator.outputs[0]
    values = imputer.statistics_
    if imputer.missing_values is not np.nan or imputer.add_indicator or np.isnan(values).any():
        raise ValueError("SimpleImputer is compiled for NaN in columns that have values only")
    names = [scope.get_unique_variable_name(name) for name in ("values", "absent")]
    container.add_initializer(names[0], TensorProto.DOUBLE, [1, len(values)], values.tolist())
    container.add_node("IsNaN", given.full_name, names[1], op_version=13)
    container.add_node(
        "Where", [names[1], names[0], given.full_name], filled.full_name, op_version=9
    )


def compares_in_float32(model: Any) -> bool:
    """Return whether all that a model does with a number is to compare it in float32."""
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        GradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.impute import SimpleImputer
    from sklearn.tree import DecisionTreeClassifier

    *steps, last = [step for _, step in getattr(model, "steps", [("", model)])]
    forests = (DecisionTreeClassifier, RandomForestClassifier, ExtraTreesClassifier)
    if isinstance(last, GradientBoostingClassifier):
        # Another estimator may compute what it starts from.
        forests = (*forests, *([type(last)] if last.init is None else []))
    return isinstance(last, forests) and all(
        isinstance(step, SimpleImputer) and step.missing_values is np.nan for step in steps
    )


def find_float32(onnx: Any) -> str:
    """Return the name of a node that computes in float32, or an empty string."""
    from onnx import AttributeProto, TensorProto, shape_inference

    floats = {one.name for one in onnx.graph.initializer if one.data_type == TensorProto.FLOAT}
    # Its own outputs may be float32: the digits of a probability are rounded.
    inner = shape_inference.infer_shapes(onnx).graph.value_info
    floats |= {one.name for one in inner if one.type.tensor_type.elem_type == TensorProto.FLOAT}
    for node in onnx.graph.node:
        single = (AttributeProto.FLOAT, AttributeProto.FLOATS)
        # The edges of trees are compared for those that compare in float32 only.
        if (
            floats & {*node.input, *node.output}
            or node.op_type.startswith("TreeEnsemble")
            or (node.domain and any(one.type in single for one in node.attribute))
        ):
            return str(node.op_type)
    return ""


def refuses_value(model: Classifier, features: Array, value: float) -> bool:
    """Return whether a model raises ValueError for a value, in whichever column.

    Raises:
        ValueError: It does so in some of the columns only.

    """
    refused = set()
    rows = with_value(features, value)
    # All at once, and where that fails each by itself.
    for some in (rows, *rows[:, np.newaxis]):
        try:
            model.predict_proba(some)
        except ValueError:
            refused.add(True)
        else:
            refused.add(False)
            break
    if len(refused) > 1:
        raise ValueError(f"the original refuses {value} in some of the columns only")
    return refused == {True}


def with_value(features: Array, value: float) -> Array:
    """Return one row for each column, in which that column has a value."""
    columns = features.shape[1]
    return np.where(np.eye(columns, dtype=bool), value, np.resize(features, (columns, columns)))


@np.errstate(all="ignore")
def compare(
    model: Classifier, compiled: CompiledClassifier, features: Array
) -> tuple[int, float, str]:
    """Return how many rows were compared, the largest difference, and what is wrong with it."""
    count, apart = 0, 0.0
    features = features[:: len(features) // MOST_ROWS + 1]
    for kind, rows in odd_rows(model, features, compiled.dtype is np.float32):
        try:
            expected = model.predict_proba(rows)
        except ValueError:
            # What the original refuses, such as too large a number, has no right answer.
            continue
        answers = compiled.predict_proba(rows)
        count += len(rows)
        both_nan = np.isnan(expected) & np.isnan(answers)
        differences = np.where(both_nan | (expected == answers), 0, np.abs(answers - expected))
        # NaN stays NaN, so that it is not within the tolerance.
        apart = float(np.max([apart, np.max(differences, initial=0)]))
        labels = compiled.classes_[most_probable(answers)[0]]
        wrong = int(np.sum(labels != model.classes_[most_probable(expected)[0]]))
        if wrong:
            return count, apart, f"compiled, it labels {wrong} of {len(rows)} {kind} otherwise"
        if not apart <= TOLERANCE:
            return count, apart, f"compiled, a probability of {kind} differs by {apart:.2g}"
    return count, apart, "" if count else "there are no rows to compare"


def odd_rows(model: Any, features: Array, has_edges: bool) -> Iterator[tuple[str, Array]]:
    """Yield rows as they are, with gaps and extremes, and at the edges of trees; and their kind."""
    yield "rows", features
    limits = np.finfo(np.float32)
    odd = [np.nan, np.inf, 0.0, limits.tiny, limits.smallest_subnormal, 1.0, limits.max]
    for value in np.outer([1, -1], np.array(odd, dtype=np.float64)).ravel():
        yield f"rows of {value:.3g}", np.full((1, features.shape[1]), value)
        yield f"rows with {value:.3g}", with_value(features, value)
    if has_edges:
        yield "rows at the edges of trees", split_rows(model, features)


def split_rows(model: Any, features: Array) -> Array:
    """Return rows that reach the trees' splits with the very value that is split at, or its next.

    A number that was rounded, or < in place of <=, shows there and hardly anywhere else.
    """
    *steps, last = [step for _, step in getattr(model, "steps", [("", model)])]
    inner = features
    for step in steps:
        inner = step.transform(inner)
    trees = [each.tree_ for each in np.ravel(getattr(last, "estimators_", [last]))]
    rows = [features[:0]]
    for tree in trees if np.shape(inner) == features.shape else []:
        path = tree.decision_path(np.asarray(inner, dtype=np.float32)).tocsc()
        # The first row that comes to each node.
        splits = np.flatnonzero((tree.feature >= 0) & (np.diff(path.indptr) > 0))
        splits = splits[: MOST_ROWS // len(trees) + 1]
        reaching = path.indices[path.indptr[splits]]
        # Rows come in float64, and the trees round them.
        for edges in (tree.threshold[splits], tree.threshold[splits].astype(np.float32)):
            for value in (edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)):
                at_edge = features[reaching]
                at_edge[np.arange(len(splits)), tree.feature[splits]] = value
                rows.append(at_edge)
    return np.concatenate(rows)
