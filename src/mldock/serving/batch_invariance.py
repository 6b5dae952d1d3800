"""Whether a model answers each row by itself, so that requests may share one prediction."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
from mldock import ContainerError
from mldock.serving.service import ArrayService, ModelService

FILE = "batch_invariance.json"
# As many as the server puts together at most.
MOST_ROWS = 4096
MOST_ALONE = 64

# In proportion to the largest value of a field. A float32 is exact to 6e-8, and a product of
# matrices adds in another order when it has more rows, which moves an answer by up to 1e-6. Rows
# that do touch each other, by a mean of the batch or by chance, show in the first places.
TOLERANCE = 1e-5

log = logging.getLogger(__name__)


def check_batch_invariance(
    service: ModelService[Any, Any] | ArrayService[Any, Any], rows: Any, directory: Path
) -> bool:
    """Return whether rows get the same predictions together, in halves and alone, and save it.

    Numbers may differ by 1e-5 of the largest value of their field.

    Args:
        service: The service, with its model loaded.
        rows: Held-out rows, two or more: a list of the service's input type, or for an ArrayService
            an array of shape (rows, columns). At most 4,096 are used.
        directory: The directory of the model, where `is_batch_invariant` reads the outcome.

    Raises:
        ContainerError: `predict` returned fewer or more predictions than rows.

    """
    together = answer(service, rows := rows[:MOST_ROWS])
    order = list(range(len(rows)))
    half, alone = len(order) // 2, order[:MOST_ALONE]
    ways = [("in halves", order[:half]), ("in halves", order[half:])]
    reason = "" if half else "it takes two rows to compare them."
    for way, chosen in [*ways, *(("alone", [row]) for row in alone)] if half else []:
        part = rows[chosen] if isinstance(rows, np.ndarray) else [rows[row] for row in chosen]
        if reason := difference(together, answer(service, part), chosen, way):
            break
    outcome = {
        "batch_invariant": not reason,
        "reason": reason,
        "rows": len(order),
        "alone": len(alone),
    }
    (directory / FILE).write_text(json.dumps(outcome, indent=2) + "\n", encoding="utf-8")
    if reason:
        log.warning("requests are answered one by one: %s", reason)
    else:
        log.info("requests that wait will share one prediction; %d rows prove it", len(order))
    return not reason


def is_batch_invariant(directory: Path) -> bool:
    """Return what `check_batch_invariance` has saved in a directory; False where it has not.

    Requests then share one prediction: assign it to `batch_invariant` in `Service.load`.

    Args:
        directory: The directory of the model.

    """
    path = directory / FILE
    try:
        outcome = json.loads(path.read_text("utf-8"))["batch_invariant"]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, TypeError, KeyError) as error:
        outcome = error
    if not isinstance(outcome, bool):
        log.warning("%s is damaged: requests are answered one by one. Train again.", path)
    return outcome is True


def answer(
    service: ModelService[Any, Any] | ArrayService[Any, Any], rows: Any
) -> dict[str, list[Any]]:
    """Return the answers to rows, one column for each field."""
    if isinstance(service, ArrayService):
        arrays = service.predict(np.ascontiguousarray(rows, dtype=service.dtype))
        columns = {name: np.asarray(column).tolist() for name, column in arrays.items()}
    else:
        answers = [row.model_dump() for row in service.predict(rows)]
        columns = {name: [each[name] for each in answers] for name in answers[0]}
    for name, column in columns.items():
        if len(column) != len(rows):
            raise ContainerError(f"predict answered {len(rows)} rows with {len(column)} {name}.")
    return columns


def difference(
    together: dict[str, list[Any]], part: dict[str, list[Any]], rows: list[int], way: str
) -> str:
    """Say where the answers to some of the rows differ first, or nothing."""
    for name, column in together.items():
        scale = largest(column)
        for row, found in zip(rows, part[name], strict=True):
            if not same(column[row], found, scale * TOLERANCE):
                told = f"{column[row]!r} with all the others, {found!r} {way}"
                return f"row {row + 1}, {name}: {told[:200]}."
    return ""


def same(one: Any, other: Any, tolerance: float) -> bool:
    """Compare two values, or the values of two lists: floats nearly, all else exactly."""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return all(same(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or one == other or abs(one - other) <= tolerance
    return bool(one == other)


def largest(value: Any) -> float:
    """Return the largest number in a value or list, without regard to its sign."""
    if isinstance(value, list):
        return max(map(largest, value), default=0.0)
    return abs(value) if isinstance(value, float) and math.isfinite(value) else 0.0
