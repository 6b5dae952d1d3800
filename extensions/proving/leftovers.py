"""Looks for original texts that no site speaks of, by other means than the search for sites."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeVar

from extensions.model import File, Site, Tree
from extensions.proving.substitution import grouped

Held = TypeVar("Held", str, bytes)
Spans = list[tuple[int, int]]


def unreported(files: Tree, sites: Iterable[Site], texts: Iterable[str]) -> list[str]:
    """Return where one of the texts stands and no site touches it."""
    by_path = grouped(sites)
    wanted = sorted(texts)
    return [
        f"{path}{place} holds {text!r}"
        for path, file in files.items()
        for place, text in missed(path, file, by_path.get(path, []), wanted)
    ]


def missed(
    path: str, file: File, sites: Iterable[Site], texts: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield the texts in a file and its name that no site touches, with their place."""
    names = joined((site.start, site.end) for site in sites if site.in_name)
    inside = joined((site.start, site.end) for site in sites if not site.in_name)
    content = file.text
    for text in texts:
        if "/" not in text:
            yield from ((" (its name)", text) for _ in positions(path, text, names))
        if content is None:
            found = positions(file.content, text.encode(), inside)
            yield from ((f" at byte {start}", text) for start in found)
        else:
            found = positions(content, text, inside)
            yield from ((f":{content.count(chr(10), 0, start) + 1}", text) for start in found)


def positions(held: Held, part: Held, spans: Spans) -> Iterator[int]:
    """Yield where a part begins that none of the spans touches."""
    start = held.find(part)
    while start >= 0:
        if not touched(start, start + len(part), spans):
            yield start
        start = held.find(part, start + 1)


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Return spans in order, those that overlap as one."""
    apart: Spans = []
    for start, end in sorted(spans):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def touched(start: int, end: int, spans: Spans) -> bool:
    """Say whether one of some spans, in order and apart from each other, overlaps a range."""
    after = bisect_left(spans, (end, 0))
    return after > 0 and spans[after - 1][1] > start
