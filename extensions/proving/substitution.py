"""Puts other texts in the place of the original ones, and the original ones back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from extensions.model import File, Site, Tree


def renamed(path: str, sites: Iterable[Site], texts: Mapping[str, str]) -> str:
    """Return a path with other texts at the sites in it."""
    return replaced(path, [site for site in sites if site.in_name], texts)


def substitute(file: File, sites: Iterable[Site], texts: Mapping[str, str]) -> File:
    """Return a file with other texts at the sites in its content."""
    inside = [site for site in sites if not site.in_name]
    if not inside or file.text is None:
        return file
    return replace(file, content=replaced(file.text, inside, texts).encode())


def replaced(text: str, sites: Iterable[Site], texts: Mapping[str, str]) -> str:
    """Return a text with other texts at the sites, which do not overlap."""
    parts = []
    position = 0
    for site in sorted(sites, key=lambda site: site.start):
        parts += [text[position : site.start], texts[site.form.variable]]
        position = site.end
    return "".join([*parts, text[position:]])


def undo(files: Tree, pairs: Mapping[str, str]) -> dict[str, File]:
    """Return files with each text that stands in the place of an original one put back."""
    if not pairs:
        return dict(files)
    # The longest first: a shorter one may be a part of it.
    longest = sorted(pairs, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(text) for text in longest))
    binary = re.compile(b"|".join(re.escape(text.encode()) for text in longest))
    return {
        pattern.sub(lambda found: pairs[found[0]], name): replace(
            file,
            content=binary.sub(lambda found: pairs[found[0].decode()].encode(), file.content),
        )
        for name, file in files.items()
    }


def grouped(sites: Iterable[Site]) -> dict[str, list[Site]]:
    """Return the sites of each file."""
    by_path: dict[str, list[Site]] = {}
    for site in sites:
        by_path.setdefault(site.path, []).append(site)
    return by_path
