"""A wrong flower among right ones: what the answer says of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from benchmarks.comparison.products import FIELDS, Flower

FLOWER: Flower = dict(zip(FIELDS, (5.1, 3.5, 1.4, 0.2), strict=True))
FIELD = FIELDS[-1]
MISTAKES: dict[str, Flower] = {
    "a number out of range": {**FLOWER, FIELD: -1},
    "text for a number": {**FLOWER, FIELD: "wide"},
    "a field left out": {name: value for name, value in FLOWER.items() if name != FIELD},
}
# The second row: `row 2`, or its index 1 right before the field.
ROW = re.compile(rf'row 2\b|\b1[.,"/\s]{{1,3}}{FIELD}')


def told(send: Callable[[list[Flower]], tuple[int, str]]) -> dict[str, str]:
    """Return, for each mistake in the second of two rows, what the answer names."""
    found = {}
    for mistake, flower in MISTAKES.items():
        status, body = send([FLOWER, flower])
        said = {"row": ROW.search(body.replace("\\n", "\n")), "field": FIELD in body}
        named = [what for what, is_named in said.items() if is_named]
        found[mistake] = f"{status}: {' and '.join(named) or 'neither row nor field'}"
    return found


def count(found: dict[str, str]) -> int:
    """Return how many mistakes are refused as the sender's, and named by row and field."""
    return sum(text.startswith("4") and text.endswith("row and field") for text in found.values())
