"""Which questions a template keeps, and which of its project's answers it takes for good.

An inherited source has its conditions still. Where the owner's own text has replaced one, there is
only what the answer of this project made, so that no other answer may be given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from extensions.model import CaptureError

# Those of copier.yml and templates/_questions that a template can have fixed.
CHOICES = ("python_version", "base_image", "storage", "ci", "accelerator", "compile_model")

# Asked of nobody who does not name it, so that it may be fixed all the same.
SELDOM_ASKED = "base_image"

# The default of the one is made from the other.
MADE_FROM = {"base_image": "python_version"}


def lost(wanted: Counter[str], found: Counter[str]) -> set[str]:
    """Return the choices that a source of the parent asks for and its successor does less.

    Args:
        wanted: How often the parent's source names each variable.
        found: How often its successor does.

    """
    missing = {name for name in CHOICES if found[name] < wanted[name]}
    return missing | {MADE_FROM[name] for name in missing if name in MADE_FROM}


def fixed(
    asked: Collection[str],
    answers: Mapping[str, Any],
    missing: Collection[str],
    used: Collection[str],
    forced: Sequence[str],
) -> dict[str, Any]:
    """Return the answers that the template does not ask for.

    Args:
        asked: What was asked for this project.
        answers: Its answers.
        missing: The choices that a source has lost.
        used: What the sources name.
        forced: Those that the user wants fixed.

    Raises:
        CaptureError: If one cannot be forced.

    """
    possible = [name for name in CHOICES if name in asked or name == SELDOM_ASKED]
    for name in forced:
        if name not in possible:
            raise CaptureError(f"--fix {name}: name one of {', '.join(possible) or 'none'}.")
    return {
        name: answers[name]
        for name in possible
        if name in missing or name in forced or not is_used(name, used)
    }


def is_used(name: str, used: Collection[str]) -> bool:
    """Say whether an answer makes a difference."""
    return name in used or any(MADE_FROM.get(other) == name for other in used)


def choices(used: Iterable[str]) -> set[str]:
    """Return those of some variables that are choices."""
    return {name for name in used if name in CHOICES}
