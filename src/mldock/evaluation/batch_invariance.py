"""Whether a model answers each row by itself, so that requests may share one prediction."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
from mldock.evaluation.comparison import Expected, Service, predict_columns
from mldock.evaluation.measurement import read_rows
from mldock.metrics import note

FILE = "batch_invariance.json"
# As many as the server puts together at most.
MOST_ROWS = 4096
MOST_ALONE = 64

log = logging.getLogger(__name__)


def check_batch_invariance(service: Service, rows: Any, directory: Path) -> bool:
    """Return whether rows get the same predictions together, in halves and alone, and save it.

    Numbers may differ by 1e-5 of the largest value of their field.

    Args:
        service: The service, with its model loaded.
        rows: Held-out rows, two or more, as `predict_as_served` takes them. At most 4,096 are used.
        directory: The directory of the model, where `is_batch_invariant` reads the outcome.

    Raises:
        ContainerError: The server would refuse a row, or `predict` returned fewer or more
            predictions than rows.

    """
    received = read_rows(service, rows[:MOST_ROWS])
    order = list(range(len(received)))
    half, alone = len(order) // 2, order[:MOST_ALONE]
    reason = find_dependence(service, received, half, alone) if half else "it takes two rows."
    outcome = {
        "batch_invariant": not reason,
        "reason": reason,
        "rows": len(order),
        "alone": len(alone),
    }
    (directory / FILE).write_text(json.dumps(outcome, indent=2) + "\n", encoding="utf-8")
    if reason:
        remark = f"requests are answered one by one: {reason}"
        log.warning("%s", remark)
    else:
        remark = f"requests that wait will share one prediction; {len(order)} rows prove it"
        log.info("%s", remark)
    note({"topic": "batching", "remark": remark})
    return not reason


def find_dependence(service: Service, rows: Any, half: int, alone: list[int]) -> str:
    """Return where the answers first depend on the other rows, or an empty string."""
    together = predict_columns(service, rows)
    expected = Expected(together)
    order = list(range(len(rows)))
    ways = [("in halves", order[:half]), ("in halves", order[half:])]
    for way, chosen in [*ways, *(("alone", [row]) for row in alone)]:
        some = rows[chosen] if isinstance(rows, np.ndarray) else [rows[row] for row in chosen]
        part = predict_columns(service, some)
        for row, field in expected.find_differences(part, chosen):
            found = part[field][chosen.index(row)]
            told = f"{together[field][row]!r} with all the others, {found!r} {way}"
            return f"row {row + 1}, {field}: {told[:200]}."
    return ""


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
