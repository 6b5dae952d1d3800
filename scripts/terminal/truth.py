"""Whether a picture shows what is printed now."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence

FIGURE = re.compile(r"\d+(?:\.\d+)*")
# How long a session has lasted, which nox leaves out below a second.
LASTED = re.compile(r"(?<=was successful) in .*(?=\.$)")


def differences(shown: Sequence[str], printed: Sequence[str]) -> str:
    """Return the lines that differ, as a diff; empty if the picture is true.

    Times and versions differ from run to run. A figure with decimals, such as a metric, may differ
    a little, as the libraries of another machine let it.
    """
    diff = list(
        difflib.unified_diff(
            [masked(line) for line in shown],
            [masked(line) for line in printed],
            "the picture",
            "what is printed now",
            lineterm="",
        )
    )
    if not diff:
        for one, other in zip(shown, printed, strict=True):
            if not all(map(near, decimals(one), decimals(other))):
                diff += [f"-{one}", f"+{other}"]
    return "\n".join(diff)


def masked(line: str) -> str:
    """Return a line without its figures."""
    return FIGURE.sub("#", LASTED.sub("", line))


def decimals(line: str) -> list[float]:
    """Return the figures of a line that have decimals; an address or a version is none."""
    return [float(text) for text in FIGURE.findall(line) if text.count(".") == 1]


def near(one: float, other: float) -> bool:
    """Say whether two figures are about the same."""
    return math.isclose(one, other, rel_tol=0.05)
