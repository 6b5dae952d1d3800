"""What the user decides about occurrences, and what happens to those that nobody decided."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from functools import cache
from itertools import groupby
from pathlib import Path

import yaml

from extensions.model import CaptureError, CaseVariant, Occurrence, Status

# The answers beside a variable: leave the text, or put what the capture proposes.
KEEP = "keep"
ACCEPT = "accept"

# More of a value are counted, not listed.
LISTED = 100

_PLACE = re.compile(
    r"(?P<path>.+?)(?::(?:(?P<name>name)|(?P<line>[1-9]\d*)(?::(?P<column>[1-9]\d*))?))?", re.DOTALL
)


@dataclass(frozen=True)
class Place:
    """A place as the user wrote it.

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
    def is_one_occurrence(self) -> bool:
        """Whether it cannot be meant for other occurrences too."""
        return not self.is_pattern and (self.line == 0 or self.column is not None)

    @property
    def rank(self) -> tuple[bool, bool, bool, int, str]:
        """How specific it is; the text makes the order of equal ones certain."""
        known = (self.column is not None, self.line is not None, not self.is_pattern)
        return (*known, len(self.path), self.text)

    def matches(self, occurrence: Occurrence) -> bool:
        """Return whether an occurrence is there."""
        path = named_path(occurrence) if occurrence.in_name else occurrence.path
        is_there = _pattern(self.path).match(path) if self.is_pattern else self.path == path
        if not is_there or occurrence.in_name:
            return bool(is_there) and self.line == 0
        return self.line in (None, occurrence.line) and self.column in (None, occurrence.column)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(translate(path))


class Decisions:
    """Answers by place: `keep`, `accept`, or the variable that is to stand there.

    A place is `PATH` for all of a file's content, `PATH:LINE`, `PATH:LINE:COLUMN`, or `PATH:name`
    for the last part of a path. `*`, `?` and `[…]` in a path match as in a shell, slashes too. Of
    several places that an occurrence is at, the most specific one counts. A part of a longer word
    is only replaced by an answer for exactly that place.
    """

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        self.answers = dict(answers or {})
        places = map(Place.parse, self.answers)
        self._places = sorted(places, key=lambda place: place.rank, reverse=True)

    @classmethod
    def read(cls, path: Path) -> Decisions:
        """Read a YAML file.

        Raises:
            CaptureError: It cannot be read, or is not a mapping of places to answers.

        """
        try:
            return cls(parse(path.read_text("utf-8")))
        except OSError as error:
            raise CaptureError(f"--decisions {path}: {error.strerror}", code=2) from error
        except (UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
            raise CaptureError(
                f"--decisions {path}: {error}\nEach line is PLACE: ANSWER, such as "
                "src/trainer.py:12:5: keep. A place that begins with * is put in quotes.",
                code=2,
            ) from error

    def resolve(self, occurrence: Occurrence, by_variable: Mapping[str, CaseVariant]) -> Occurrence:
        """Return the occurrence as it was decided, or as it is if nobody did."""
        if occurrence.status is Status.BINARY:
            return occurrence
        is_inside = occurrence.status is Status.INSIDE
        offered = (occurrence.variant.variable, *occurrence.others)
        for place in self._places:
            if not place.matches(occurrence):
                continue
            answer = self.answers[place.text]
            if answer == KEEP:
                return replace(occurrence, status=Status.KEPT)
            if answer == ACCEPT and not is_inside:
                status = Status.COLLISION if occurrence.others else Status.ACCEPTED
                return replace(occurrence, status=status)
            if answer in offered and (not is_inside or place.is_one_occurrence):
                others = tuple(one for one in offered if one != answer)
                variant = by_variable[answer]
                return replace(occurrence, variant=variant, status=Status.ACCEPTED, others=others)
        return occurrence


def parse(text: str) -> dict[str, str]:
    """Read a YAML mapping of texts to texts; unlike YAML's own types, all stay texts."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise ValueError("not a mapping of places to answers")
    answers: dict[str, str] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise ValueError(f"line {line}: a place and an answer are wanted")
        if key.value in answers:
            raise ValueError(f"line {line}: {key.value} is decided twice")
        if not key.value or not value.value:
            raise ValueError(f"line {line}: the place or the answer is missing")
        answers[key.value] = value.value
    return answers


def target_of(occurrence: Occurrence) -> str:
    """Return the place of one occurrence; a folder's name is one for all files in it."""
    return f"{named_path(occurrence)}:name" if occurrence.in_name else occurrence.place


def named_path(occurrence: Occurrence) -> str:
    """Return the path of the file or the folder in whose name an occurrence is."""
    end = occurrence.path.find("/", occurrence.end)
    return occurrence.path if end < 0 else occurrence.path[:end]


def undecided(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Return what the user must decide; of the occurrences in one name of a folder the first."""
    first: dict[str, Occurrence] = {}
    for occurrence in occurrences:
        if occurrence.status is Status.UNDECIDED:
            first.setdefault(target_of(occurrence), occurrence)
    return list(first.values())


def refuse_undecided(occurrences: Sequence[Occurrence]) -> None:
    """Refuse occurrences that nobody has decided."""
    open_ = sorted(undecided(occurrences), key=lambda one: one.variant.value.name)
    if not open_:
        return
    lines = []
    for value, group in groupby(open_, key=lambda one: one.variant.value):
        found = [
            f"  {target_of(one)}: {one.variant.text} -> {one.variant.variable}" for one in group
        ]
        lines.append(
            f"{value.name} is {value.text!r}, which is too short or too common to be certain that "
            f"these places mean it ({len(found)}):"
        )
        lines += found[:LISTED]
        if len(found) > LISTED:
            lines.append(f"  ... and {len(found) - LISTED} more")
    example = {target_of(open_[-1]): open_[-1].variant.variable} | {target_of(open_[0]): KEEP}
    lines += [
        "Decide each in a file, and name it with --decisions FILE. A place is left as it is by "
        "`keep`, gets what is shown by `accept`, or the variable that you name:",
        *(f"  {line}" for line in yaml.safe_dump(example).splitlines()),
        '  "docs/*": accept',
    ]
    raise CaptureError("\n".join(lines))
