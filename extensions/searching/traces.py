"""Spellings of a value that are none of its forms, so that they stay in the template."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extensions.forms import forms, kind_of
from extensions.model import Site, Tree, Value


@dataclass(frozen=True)
class Trace:
    """A place where a value stands in a spelling that no variable has.

    Attributes:
        place: Where it is, as decisions name places.
        text: What stands there, such as `churn model` for `churn-model`.

    """

    place: str
    text: str


def traces(files: Tree, values: Sequence[Value], sites: Iterable[Site]) -> list[Trace]:
    """Return what is left of values beside all sites, in contents and in names, by path.

    Nothing is substituted there; a person may want to spell it otherwise in the project.

    Args:
        files: The files to look in.
        values: Those with forms count: their words in any case, with any one sign between them.
        sites: All sites in these files.

    """
    patterns = [_pattern(value) for value in values if value.has_forms]
    pattern = re.compile("|".join(filter(None, patterns)) or r"(?!)", re.IGNORECASE)
    taken: defaultdict[tuple[str, bool], list[tuple[int, int]]] = defaultdict(list)
    for site in sites:
        taken[site.path, site.in_name].append((site.start, site.end))
    found: list[Trace] = []
    for path, file in sorted(files.items()):
        for start, end in _beside(pattern, path, taken.get((path, True), ())):
            found.append(Trace(f"{path}:name", path[start:end]))
        text = file.text or ""
        line, last = 1, 0
        for start, end in _beside(pattern, text, taken.get((path, False), ())):
            line += text.count("\n", last, start)
            last = start
            column = start - text.rfind("\n", 0, start)
            found.append(Trace(f"{path}:{line}:{column}", text[start:end]))
    return found


def _pattern(value: Value) -> str:
    snake = next((form.text for form in forms(value) if kind_of(form) == "snake"), "")
    words = "[ ._/-]?".join(re.escape(word) for word in snake.split("_") if word)
    return rf"(?<![^\W_]){words}(?![^\W_])" if words else ""


def _beside(
    pattern: re.Pattern[str], text: str, taken: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield where the pattern is found beside what is taken, which is in its order."""
    at = 0
    for found in pattern.finditer(text):
        start, end = found.span()
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        if at == len(taken) or taken[at][0] >= end:
            yield start, end
