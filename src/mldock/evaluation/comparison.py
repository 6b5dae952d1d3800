"""Predictions compared: floats nearly, all else exactly, however they are nested."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from mldock import ContainerError
from mldock.serving.service import ArrayService, ModelService

Service = ModelService[Any, Any] | ArrayService[Any, Any]

# In proportion to the largest value of a field. A float32 is exact to 6e-8, and a product of
# matrices adds in another order when it has more rows, which moves an answer by up to 1e-6. Rows
# that do touch each other, by a mean of the batch or by chance, show in the first places.
TOLERANCE = 1e-5

# The same for a part of a field that has a key of its own, whose values may all be nearly zero.
LEAST = 1e-15

# A list for each field, with one value a row.
Columns = Mapping[str, Sequence[Any]]
# Where a number stands in a value: the keys that lead to it.
Path = tuple[Any, ...]


def predict_columns(service: Service, rows: Any) -> dict[str, list[Any]]:
    """Return the model's predictions of rows that it can take, by field."""
    if isinstance(service, ArrayService):
        arrays = service.predict(rows)
        columns = {name: np.asarray(column).tolist() for name, column in arrays.items()}
    else:
        answers = [row.model_dump() for row in service.predict(rows)]
        columns = {name: [each[name] for each in answers] for name in answers[0]}
    for name, column in columns.items():
        if len(column) != len(rows):
            raise ContainerError(f"predict answered {len(rows)} rows with {len(column)} {name}.")
    return columns


class Expected:
    """Predictions that others are compared with.

    Args:
        columns: The answers.

    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.tolerances = {field: tolerances_of(column) for field, column in columns.items()}

    def find_differences(
        self, found: Columns, rows: Sequence[int] | None = None
    ) -> Iterator[tuple[int, str]]:
        """Yield the number of the row and the field of each answer that differs.

        Args:
            found: The answers to compare.
            rows: Which rows they are answers to; all by default.

        """
        for field, column in self.columns.items():
            values = column if rows is None else [column[row] for row in rows]
            for row, (one, other) in enumerate(zip(values, found[field], strict=True)):
                if not is_close(one, other, self.tolerances[field]):
                    yield row if rows is None else rows[row], field


def tolerances_of(column: Sequence[Any]) -> dict[Path, float]:
    """Return how far two numbers of a field may be apart, for each place in its values."""
    scales: dict[Path, float] = {}
    for value in column:
        add_scales(value, scales, ())
    least = LEAST * max(scales.values(), default=0.0)
    return {path: max(TOLERANCE * scale, least) for path, scale in scales.items()}


def add_scales(value: Any, scales: dict[Path, float], path: Path) -> None:
    """Take the numbers in a value into account: of those in one place the largest counts."""
    value = plain(value)
    if isinstance(value, list):
        for part in value:
            add_scales(part, scales, path)
    elif isinstance(value, dict):
        for key, part in value.items():
            add_scales(part, scales, (*path, key))
    elif isinstance(value, float) and math.isfinite(value):
        scales[path] = max(scales.get(path, 0.0), abs(value))


def is_close(one: Any, other: Any, tolerances: Mapping[Path, float], path: Path = ()) -> bool:
    """Compare two values and all that is in them."""
    one, other = plain(one), plain(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            is_close(a, b, tolerances, path) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            is_close(part, other[key], tolerances, (*path, key)) for key, part in one.items()
        )
    if isinstance(one, float) and isinstance(other, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or one == other or abs(one - other) <= tolerances.get(path, 0.0)
    return bool(one == other)


def plain(value: Any) -> Any:
    """Return a value with numpy's and torch's own as Python's; the places of a tuple have keys."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif hasattr(value, "model_dump"):
        value = value.model_dump()
    return dict(enumerate(value)) if isinstance(value, tuple) else value
