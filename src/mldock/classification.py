"""What a classifier made of rows that it has not learnt from, as the report of the run shows it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from mldock.errors import ContainerError
from mldock.metrics import note

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

log = logging.getLogger(__name__)

# A larger table nobody reads; the rarest classes are one in it.
MOST_CLASSES = 30

MOST_POINTS = 200


def report_classification(
    actual: object, predicted: object, scores: object = None, positive: object = None
) -> None:
    """Add a confusion matrix to the report of the run, and for two classes an ROC curve.

    The file of the run keeps counts and at most 200 points of the curve, and no row. Of several
    processes that train together, one calls it; of several calls, the last counts.

    Args:
        actual: The class of each held-out row: a list, an array or a tensor of shape (rows,).
        predicted: The class that the model predicted for each row, of the same length.
        scores: For two classes, the score of `positive` for each row: a probability, or any number
            that grows with it.
        positive: The class of the scores; by default the last of the two in sorted order.

    Raises:
        ContainerError: The lengths differ, a score is not a number, or no row is of the class
            `positive`.

    """
    # Too slow an import for a trainer that does without.
    import numpy as np

    truth, guess = column(actual), column(predicted)
    if len(truth) != len(guess):
        raise ContainerError(
            f"report_classification was given {len(truth)} rows and {len(guess)} predictions. "
            "Give it as many of both, in the same order."
        )
    if not len(truth):
        log.warning("report_classification was given no rows: the report shows no classes")
        return
    classes, codes = np.unique(np.concatenate([truth, guess]), return_inverse=True)
    names, (rows, columns) = classes.tolist(), np.split(codes.reshape(-1), 2)
    line: dict[str, object] = {}
    if scores is not None and len(names) == 2:
        chosen = names[-1] if positive is None else plain(positive)
        if chosen not in names:
            raise ContainerError(f"No row is of the class {positive!r}; there is: {names}.")
        line = {"positive": str(chosen)} | curve(rows == names.index(chosen), numbers(scores))
    rows, columns, shown = merge_rare(rows, columns, names)
    size = len(shown)
    counts = np.bincount(rows * size + columns, minlength=size * size).reshape(size, size)
    note({"classes": shown, "confusion": counts.tolist(), "merged": len(names) - size, **line})


def column(values: Any) -> Array:
    """Return values of any kind of list as one column."""
    import numpy as np

    array = np.asarray(values).reshape(-1)
    # What cannot be put in order, such as None among texts.
    return array.astype(str) if array.dtype == object else array


def numbers(values: Any) -> Array:
    """Return scores of any kind of number as one column."""
    try:
        return column(values).astype(float)
    except ValueError as error:
        raise ContainerError(
            f"report_classification was given scores that are no numbers: {error}. "
            "Give it a number for each row."
        ) from error


def plain(value: Any) -> object:
    """Return a value of numpy as Python's own."""
    return value.item() if hasattr(value, "item") else value


def merge_rare(rows: Array, columns: Array, names: list[Any]) -> tuple[Array, Array, list[str]]:
    """Put the rarest of many classes together as the last one."""
    import numpy as np

    texts = [str(name) for name in names]
    if len(names) <= MOST_CLASSES:
        return rows, columns, texts
    common = np.sort(np.argsort(-np.bincount(rows, minlength=len(names)))[: MOST_CLASSES - 1])
    places = np.full(len(names), MOST_CLASSES - 1)
    places[common] = np.arange(MOST_CLASSES - 1)
    return places[rows], places[columns], [*(texts[place] for place in common), "all others"]


def curve(is_positive: Array, scores: Array) -> dict[str, object]:
    """Return points of the ROC curve and the area below it; nothing where there is no curve."""
    import numpy as np

    if len(scores) != len(is_positive):
        raise ContainerError(
            f"report_classification was given {len(is_positive)} rows and {len(scores)} scores. "
            "Give it one score for each row: that of the class `positive`."
        )
    if not np.isfinite(scores).all() or is_positive.all() or not is_positive.any():
        log.warning("no ROC curve: it needs rows of both classes, and scores that are numbers")
        return {}
    order = np.argsort(-scores, kind="stable")
    # Rows of the same score are taken together.
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    right = np.cumsum(is_positive[order])[ends]
    wrong = ends + 1 - right
    recall = np.append(0, right / right[-1])
    fallout = np.append(0, wrong / wrong[-1])
    area = float(np.sum(np.diff(fallout) * (recall[1:] + recall[:-1]) / 2))
    kept = np.unique(np.linspace(0, len(ends), MOST_POINTS).round().astype(int))
    points = np.column_stack([fallout, recall])[kept].round(5)
    return {"roc": points.tolist(), "auc": round(area, 5)}
