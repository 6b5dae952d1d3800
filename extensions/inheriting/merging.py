"""Merges what an owner changed into a source of the parent, line by line.

Finer than `git merge-file`: a line that its owner changed beside a tag of the source is no
conflict, since a tag is no line of the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

OPENING = re.compile(
    r"\{%[-+]?\s*(?:if|for|raw|macro|call|filter|block|with|autoescape)\b"
    r"|\{%[-+]?\s*set\s+\w+\s*[-+]?%\}"
)
CLOSING = re.compile(r"\{%[-+]?\s*end\w+")


@dataclass(frozen=True)
class Merge:
    """A merged source.

    Attributes:
        text: The source.
        conflicts: In how many places lines of the owner replaced others of the source.

    """

    text: str
    conflicts: int


@dataclass(frozen=True)
class Change:
    """Lines of the base, from `start` up to `end`, and what one side made of them."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A range of lines of the base, and all changes of it; parts do not overlap."""

    start: int
    end: int
    ours: tuple[Change, ...] = ()
    theirs: tuple[Change, ...] = ()

    def join(self, other: Part) -> Part:
        """Return a part with both, and what is between them."""
        start, end = min(self.start, other.start), max(self.end, other.end)
        return Part(start, end, self.ours + other.ours, self.theirs + other.theirs)

    def overlaps(self, later: Part) -> bool:
        """Say whether a part that begins no earlier has lines or a place in common with it."""
        return later.start < self.end or (self.start, self.end) == (later.start, later.end)


def merges(ours: str, base: str, theirs: str) -> Iterator[Merge]:
    """Yield the ways to bring a change of a text into its source, the better one first.

    Args:
        ours: The source.
        base: What the source renders to, with its values substituted.
        theirs: What the owner made of that, with the same values substituted.

    """
    lines = base.splitlines(keepends=True)
    parts = [Part(change.start, change.end, ours=(change,)) for change in changes(lines, ours)]
    parts += [Part(change.start, change.end, theirs=(change,)) for change in changes(lines, theirs)]
    # The source first: where it has a tag before a line that the owner changed, it stays there.
    parts.sort(key=lambda part: (part.start, part.end, bool(part.theirs)))
    parts = balanced(lines, apart(parts))
    for latest in (False, True):
        yield merge(lines, parts, latest)


def changes(base: Sequence[str], text: str) -> Iterator[Change]:
    """Yield what differs from the base, in order."""
    lines = text.splitlines(keepends=True)
    for tag, i, j, k, end in SequenceMatcher(None, base, lines, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Change(i, j, tuple(lines[k:end]))


def apart(parts: Sequence[Part]) -> list[Part]:
    """Join the parts that overlap."""
    found: list[Part] = []
    for part in parts:
        if found and found[-1].overlaps(part):
            found[-1] = found[-1].join(part)
        else:
            found.append(part)
    return found


def balanced(base: Sequence[str], parts: list[Part]) -> list[Part]:
    """Widen a conflict to the whole of a condition, so that no half of it is left over."""
    position = 0
    while position < len(parts):
        part = parts[position]
        lowest, last = depths(applied(base, part, part.ours))
        widened = None
        if is_conflict(base, part):
            if lowest < 0:
                widened = next((k for k in range(position)[::-1] if parts[k].ours), None)
            elif last > 0:
                later = range(position + 1, len(parts))
                widened = next((k for k in later if parts[k].ours), None)
        if widened is None:
            position += 1
            continue
        first, end = sorted((position, widened))
        joined = parts[first]
        for other in parts[first + 1 : end + 1]:
            joined = joined.join(other)
        parts = [*parts[:first], joined, *parts[end + 1 :]]
        position = first
    return parts


def is_conflict(base: Sequence[str], part: Part) -> bool:
    """Say whether both sides changed the same lines, and differently."""
    if not part.ours or not part.theirs or part.start == part.end:
        return False
    return applied(base, part, part.ours) != applied(base, part, part.theirs)


def merge(base: Sequence[str], parts: Sequence[Part], latest: bool) -> Merge:
    """Return the merged source.

    Args:
        base: The lines that were changed.
        parts: What was changed.
        latest: Where the owner's lines could stand before or after a tag, choose the last place.

    """
    lines: list[str] = []
    position = conflicts = 0
    for part in parts:
        lines += base[position : part.start]
        position = part.end
        theirs = applied(base, part, part.theirs or part.ours)
        ours = applied(base, part, part.ours or part.theirs)
        is_place = part.start == part.end and ours != theirs
        lines += between(ours, theirs, latest) if is_place else theirs
        conflicts += ours != theirs and not is_place
    lines += base[position:]
    return Merge("".join(lines), conflicts)


def applied(base: Sequence[str], part: Part, made: Sequence[Change]) -> list[str]:
    """Return what one side made of a part."""
    lines: list[str] = []
    position = part.start
    for change in made:
        lines += [*base[position : change.start], *change.lines]
        position = change.end
    return [*lines, *base[position : part.end]]


def between(tags: Sequence[str], lines: Sequence[str], latest: bool) -> list[str]:
    """Return the owner's new lines among new lines of the source, under no condition of theirs."""
    outside = [depths(tags[:count])[1] for count in range(len(tags) + 1)]
    places = [count for count, depth in enumerate(outside) if depth == min(outside)]
    place = places[-1] if latest else places[0]
    return [*tags[:place], *lines, *tags[place:]]


def depths(lines: Sequence[str]) -> tuple[int, int]:
    """Return the lowest depth and the last one; a tag opens a level, and its end closes it."""
    lowest = depth = 0
    for line in lines:
        tags = [(match.start(), 1) for match in OPENING.finditer(line)]
        tags += [(match.start(), -1) for match in CLOSING.finditer(line)]
        for _, step in sorted(tags):
            depth += step
            lowest = min(lowest, depth)
    return lowest, depth
