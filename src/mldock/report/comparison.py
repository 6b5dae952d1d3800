"""A run beside the one before it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mldock.report.runs import Run


@dataclass(frozen=True)
class Difference:
    """A metric or a hyperparameter, now and before.

    Attributes:
        name: Its name.
        now: Its value in this run, as text; empty if it has none.
        before: Its value in the other run.
        change: What became of it, in words; empty where there is nothing to compare.

    """

    name: str
    now: str
    before: str
    change: str


def choose_before(run: Run, earlier: list[Run]) -> Run | None:
    """Return the run to compare with: the last one of the same stage that was completed."""
    alike = [
        other
        for other in earlier
        if other.outcome == "completed" and other.start.stage == run.start.stage
    ]
    return alike[-1] if alike else None


def compare_metrics(run: Run, before: Run | None) -> list[Difference]:
    """Return the last value of each metric, and how far it is from the one before."""
    old = before.last if before else {}
    return [
        Difference(name, number(value), number(old.get(name)), moved(value, old.get(name)))
        for name, value in run.last.items()
    ]


def compare_hyperparameters(run: Run, before: Run | None) -> list[Difference]:
    """Return each hyperparameter, and whether it is another one than before."""
    now = run.start.hyperparameters
    old = before.start.hyperparameters if before else now
    return [
        Difference(name, text_of(now, name), text_of(old, name), became(now, old, name))
        for name in names([now, old])
    ]


def moved(value: float, before: float | None) -> str:
    """Say how far a number has moved; which direction is better depends on the metric."""
    if before is None or not math.isfinite(value - before):
        return ""
    difference = value - before
    if f"{difference:.4g}" == "0" or number(value) == number(before):
        return "same"
    return f"{'up' if difference > 0 else 'down'} {abs(difference):.4g}"


def became(now: Mapping[str, Any], before: Mapping[str, Any], name: str) -> str:
    """Say what became of a hyperparameter."""
    if name not in now:
        return "removed"
    if name not in before:
        return "new"
    return "" if now[name] == before[name] else "changed"


def varying(runs: list[Run]) -> list[str]:
    """Return the hyperparameters that are not the same in all runs."""
    return [
        name
        for name in names(run.start.hyperparameters for run in runs)
        if len({text_of(run.start.hyperparameters, name) for run in runs}) > 1
    ]


def names(parts: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the keys of all parts, each once, as they come."""
    return list(dict.fromkeys(name for part in parts for name in part))


def number(value: float | None) -> str:
    """Write a number as people read it; one that is not there is empty."""
    return "" if value is None else f"{value:.6g}"


def text_of(values: Mapping[str, object], name: str) -> str:
    """Write the value of a hyperparameter; one that a run does not have is empty."""
    if name not in values:
        return ""
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
