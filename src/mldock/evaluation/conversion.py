"""What becomes of rows on their way to the model, and of the answers to them.

A number that is rounded to float32, or a text that becomes a number, is another value than the one
that the model has learnt from. Where it gets another answer, the trainer is stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from mldock import ContainerError
from mldock.evaluation.comparison import Expected, Service, is_close, predict_columns
from mldock.serving.service import ArrayService
from numpy.typing import NDArray
from pydantic.fields import FieldInfo

log = logging.getLogger(__name__)

# For each column the rows whose value was changed, with the value before and after.
Changes = dict[str, dict[int, tuple[Any, Any]]]
# Returns the rows with the values that some columns had before.
Restore = Callable[[Iterable[str]], Any]


class Conversion:
    """The changes to the values of held-out rows, and how many answers change with them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        # For each column how many answers it changes, and a value before and after.
        self.counts: dict[str, int] = {}
        self.examples: dict[str, tuple[Any, Any]] = {}

    def add(self, given: Any, received: Any) -> None:
        """Compare a batch of rows as the trainer gave them with the rows that the model gets."""
        if isinstance(self.service, ArrayService):
            names = list(self.service.input_type.model_fields)
            changes, restore = compare_arrays(np.asarray(given), received, names)
        else:
            changes, restore = compare_objects(given, received)
        if not changes:
            return
        expected = Expected(predict_columns(self.service, received))
        changed = self.find_changed(expected, restore(changes))
        # What differs by chance would do so anyway.
        if not changed or self.find_changed(expected, received):
            return
        by_column = {name: self.find_changed(expected, restore([name])) for name in changes}
        for name, rows in by_column.items():
            if rows := rows or (changed if not any(by_column.values()) else set()):
                values = changes[name]
                self.counts[name] = self.counts.get(name, 0) + len(rows)
                example = next((values[row] for row in sorted(rows) if row in values), None)
                self.examples.setdefault(name, example or next(iter(values.values())))

    def find_changed(self, expected: Expected, rows: Any) -> set[int]:
        """Return the rows whose answers differ."""
        try:
            found = predict_columns(self.service, rows)
        # It takes nothing but what the conversion returns, and has learnt from that.
        except Exception as error:
            log.info("the model takes the rows only as they are converted: %s", error)
            return set()
        return {row for row, _ in expected.find_differences(found)}

    def check(self, total: int) -> None:
        """Raise ContainerError if answers change, with the column that changes most of them."""
        if not self.counts:
            return
        name = max(self.counts, key=lambda name: self.counts[name])
        before, after = self.examples[name]
        remedy = "Give the field in src/prediction.py the type that these values have"
        if isinstance(self.service, ArrayService):
            remedy = "Write `dtype = np.float64` in `Service`"
            if np.dtype(self.service.dtype) == np.float64:
                remedy = "Derive `Service` from ModelService, whose rows keep the types of fields"
        raise ContainerError(
            f"{name}: {before!r} becomes {after!r} on its way to the model, and with it "
            f"{self.counts[name]} of {total} answers change. {remedy}, or train on the values as "
            "the server converts them."
        )


def compare_arrays(
    given: NDArray[Any], received: NDArray[Any], fields: list[str]
) -> tuple[Changes, Restore]:
    """Compare the columns of two arrays."""
    names = fields
    if len(fields) != received.shape[1]:
        names = [f"{fields[0]} {index}" for index in range(received.shape[1])]
    # Python compares numbers of two types exactly, numpy after it has rounded one of them.
    kind = np.float64 if given.dtype.kind == "f" else object
    before, after = given.astype(kind), received.astype(kind)
    # NaN is not itself, and None is NaN where it is absent.
    is_absent = ((before != before) | (before == np.array(None))) & (after != after)
    changed = (before != after) & ~is_absent
    changes: Changes = {}
    for column in np.flatnonzero(changed.any(axis=0)).tolist():
        rows = np.flatnonzero(changed[:, column])
        values = zip(before[rows, column].tolist(), after[rows, column].tolist(), strict=True)
        changes[names[column]] = dict(zip(rows.tolist(), values, strict=True))

    def restore(chosen: Iterable[str]) -> NDArray[Any]:
        rows = given.copy()
        for column, name in enumerate(names):
            if name in changes and name not in chosen:
                rows[:, column] = received[:, column]
        return rows

    return changes, restore


def input_name(name: str, field: FieldInfo) -> str:
    """Return what clients call a field of a row."""
    return alias if isinstance(alias := field.validation_alias, str) else name


def compare_objects(given: Sequence[Any], received: Sequence[Any]) -> tuple[Changes, Restore]:
    """Compare the fields of objects; of those that a row does not have, none was changed."""
    fields = type(received[0]).model_fields
    rows = [
        {
            name: row[sent]
            for name, field in fields.items()
            if (sent := input_name(name, field)) in row
        }
        if isinstance(row, Mapping)
        else dict(row)
        for row in given
    ]
    changes: Changes = {}
    for number, (row, after) in enumerate(zip(rows, received, strict=True)):
        for name, value in row.items():
            if not is_close(value, getattr(after, name), {}):
                changes.setdefault(name, {})[number] = (value, getattr(after, name))

    def restore(chosen: Iterable[str]) -> list[Any]:
        return [
            after.model_copy(update={name: row[name] for name in chosen if name in row})
            for row, after in zip(rows, received, strict=True)
        ]

    return changes, restore
