"""The places that decisions speak of: files, lines, columns and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cache

from extensions.model import Site

_PLACE = re.compile(
    r"(?P<path>.+?)(?::(?:(?P<name>name)|(?P<line>[1-9]\d*)(?::(?P<column>[1-9]\d*))?))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Place:
    """A place as a person wrote it.

    Attributes:
        text: What was written.
        path: The path or the pattern of paths.
        line: From 1; 0 for names, None for every line.
        column: From 1, or None for every column.

    """

    text: str
    path: str
    line: int | None
    column: int | None

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read `PATH`, `PATH:name`, `PATH:LINE` or `PATH:LINE:COLUMN`."""
        found = _PLACE.fullmatch(text)
        if not found:
            return cls(text, text, None, None)
        line = 0 if found["name"] else int(found["line"]) if found["line"] else None
        return cls(text, found["path"], line, int(found["column"]) if found["column"] else None)

    @property
    def is_pattern(self) -> bool:
        """Whether it may be for several paths."""
        return any(character in self.path for character in "*?[")

    @property
    def is_one_site(self) -> bool:
        """Whether it cannot be meant for other sites too."""
        return not self.is_pattern and (self.line == 0 or self.column is not None)

    @property
    def rank(self) -> tuple[bool, bool, bool, int, str]:
        """How specific it is; the text makes the order of equal ones certain."""
        known = (self.column is not None, self.line is not None, not self.is_pattern)
        return (*known, len(self.path), self.text)

    def matches(self, site: Site) -> bool:
        """Say whether a site is there; the path is read as a pattern."""
        if site.in_name:
            return self.line == 0 and _matches(self.path, named_path(site))
        return (
            self.line in (None, site.line)
            and self.column in (None, site.column)
            and _matches(self.path, site.path)
        )


def target_of(site: Site) -> str:
    """Return the place of a site and of no other; a folder's name is one for all files in it."""
    return f"{named_path(site)}:name" if site.in_name else site.place


def places_of(site: Site) -> tuple[str, ...]:
    """Return all places without a pattern that a site is at."""
    if site.in_name:
        return (target_of(site),)
    return (site.place, f"{site.path}:{site.line}", site.path)


def named_path(site: Site) -> str:
    """Return the path of the file or the folder in whose name a site is."""
    end = site.path.find("/", site.end)
    return site.path if end < 0 else site.path[:end]


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(translate(path))


def _matches(pattern: str, path: str) -> bool:
    return _pattern(pattern).match(path) is not None
