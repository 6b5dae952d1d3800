"""What is left of values beside their occurrences: other spellings, and texts that were missed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extensions.model import Occurrence, Tree, Value
from extensions.occurrences import grouped
from extensions.variants import case_of, variants

Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Residue:
    """A value in a spelling that no variable has, such as `churn model`, and its place."""

    place: str
    text: str


def other_spellings(
    files: Tree, values: Sequence[Value], occurrences: Iterable[Occurrence]
) -> list[Residue]:
    """Return what is left of values beside all occurrences, in contents and in names, by path.

    Nothing is substituted there; the user may want to spell it otherwise in the project.
    """
    patterns = [_words(value) for value in values if value.has_variants]
    pattern = re.compile("|".join(filter(None, patterns)) or r"(?!)", re.IGNORECASE)
    by_path = grouped(occurrences)
    found: list[Residue] = []
    for path, file in sorted(files.items()):
        names, inside = _spans(by_path.get(path, ()))
        text = file.text or ""
        found += [
            Residue(f"{path}:name", match[0])
            for match in pattern.finditer(path)
            if not _touched(*match.span(), names)
        ]
        for match in pattern.finditer(text):
            start = match.start()
            if not _touched(*match.span(), inside):
                line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
                found.append(Residue(f"{path}:{line}:{column}", match[0]))
    return found


def missed(files: Tree, occurrences: Iterable[Occurrence], texts: Iterable[str]) -> Iterator[str]:
    """Yield where one of the texts is and no occurrence touches it.

    It looks by other means than the search for occurrences, which a proof must not trust.
    """
    by_path = grouped(occurrences)
    wanted = sorted(texts)
    for path, file in files.items():
        names, inside = _spans(by_path.get(path, ()))
        content = file.text
        # Bytes as characters, so that both are searched alike.
        held = file.content.decode("latin-1") if content is None else content
        for text in wanted:
            if "/" not in text and next(_untouched(path, text, names), None) is not None:
                yield f"{path} (its name) holds {text!r}"
            part = text.encode().decode("latin-1") if content is None else text
            for start in _untouched(held, part, inside):
                line = f":{held.count(chr(10), 0, start) + 1}"
                yield f"{path}{f' at byte {start}' if content is None else line} holds {text!r}"


def _words(value: Value) -> str:
    snake = next((one.text for one in variants(value) if case_of(one) == "snake"), "")
    words = "[ ._/-]?".join(re.escape(word) for word in snake.split("_") if word)
    return rf"(?<![^\W_]){words}(?![^\W_])" if words else ""


def _untouched(held: str, part: str, spans: Spans) -> Iterator[int]:
    """Yield where a part begins that none of the spans touches."""
    start = held.find(part)
    while start >= 0:
        if not _touched(start, start + len(part), spans):
            yield start
        start = held.find(part, start + 1)


def _spans(occurrences: Iterable[Occurrence]) -> tuple[Spans, Spans]:
    """Return what occurrences take of a name and of a content; overlapping ones are joined."""
    both: tuple[Spans, Spans] = ([], [])
    for one in sorted(occurrences, key=lambda one: (one.start, one.end)):
        spans = both[0 if one.in_name else 1]
        if spans and one.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(one.end, spans[-1][1]))
        else:
            spans.append((one.start, one.end))
    return both


def _touched(start: int, end: int, spans: Spans) -> bool:
    """Return whether one of some spans, in order and apart from each other, overlaps a range."""
    after = bisect_left(spans, (end, 0))
    return after > 0 and spans[after - 1][1] > start
