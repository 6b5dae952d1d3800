"""Finds where the values of a project occur, in its files and in their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from extensions.decisions import Decisions
from extensions.model import CaseVariant, Occurrence, Status, Tree, Value
from extensions.spelling import Names, Reader
from extensions.variants import is_ambiguous, is_number, variants

# What is not a letter after a backslash: `\nchurn`, `\bchurn\b`.
_ESCAPES = "abfnrtvBAZ"


def find(files: Tree, values: Sequence[Value], decisions: Decisions) -> list[Occurrence]:
    """Return all occurrences by path: those in the name before those in the content, in order.

    From left to right the longest variant is taken, so that no two substituted ones overlap.

    Args:
        files: The files to look in.
        values: What to look for; of two with the same text the first one is taken.
        decisions: What the user decided. `Decisions.check` refuses those that concern nothing.

    """
    spelled = [found for value in values if (found := variants(value))]
    by_variable = {variant.variable: variant for same in spelled for variant in same}
    contents, binary = Matcher(spelled), Matcher(spelled, in_bytes=True)
    # The name of a file or folder has no slash.
    parts = Matcher([[variant for variant in same if "/" not in variant.text] for same in spelled])
    names = Names(files)
    occurrences: list[Occurrence] = []
    for path, file in sorted(files.items()):
        occurrences += _Search(parts, Reader(path, path, names, in_name=True)).occurrences()
        if (text := file.text) is not None:
            occurrences += _Search(contents, Reader(path, text, names)).occurrences()
        else:
            occurrences += _left_in_bytes(path, file.content, binary)
    return [decisions.resolve(occurrence, by_variable) for occurrence in occurrences]


def grouped(occurrences: Iterable[Occurrence]) -> dict[str, list[Occurrence]]:
    """Return the occurrences of each file."""
    by_path: dict[str, list[Occurrence]] = {}
    for occurrence in occurrences:
        by_path.setdefault(occurrence.path, []).append(occurrence)
    return by_path


@dataclass(frozen=True)
class Match:
    """A place in a text where a variant stands.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        is_word: Whether it is not a part of a longer word.
        line: From 1.
        line_start: Where its line begins.

    """

    start: int
    end: int
    is_word: bool
    line: int
    line_start: int


class Matcher:
    """Looks for all variants of all values at once.

    Attributes:
        by_text: The variants that have a text by their value, in the order of the values.
        ambiguous: The variables of the variants that are too short or too common to be certain.

    """

    def __init__(self, spelled: Sequence[Sequence[CaseVariant]], *, in_bytes: bool = False) -> None:
        """Take the variants of each value; in bytes each is looked for as latin-1 reads it."""
        self.by_text: dict[str, dict[Value, list[CaseVariant]]] = {}
        for variant in (variant for same in spelled for variant in same):
            text = variant.text.encode().decode("latin-1") if in_bytes else variant.text
            self.by_text.setdefault(text, {}).setdefault(variant.value, []).append(variant)
        self.ambiguous = {
            variant.variable for same in spelled for variant in same if is_ambiguous(variant, same)
        }
        self._texts = sorted(self.by_text, key=lambda text: (-len(text), text))
        # Without a text the pattern would match everywhere, so it gets one that nowhere does.
        self._pattern = re.compile("|".join(map(re.escape, self._texts)) or r"(?!)")

    def find(self, text: str) -> Iterator[Match]:
        """Yield where variants stand, in order.

        Whole words do not overlap each other, and no part of a longer word overlaps one of them.
        """
        line, line_start, last = 1, 0, 0
        for start, end, is_word in self._spans(text):
            line += text.count("\n", last, start)
            line_start = text.rfind("\n", last, start) + 1 or line_start
            last = start
            yield Match(start, end, is_word, line, line_start)

    def _spans(self, text: str) -> Iterator[tuple[int, int, bool]]:
        inside: list[tuple[int, int]] = []
        position = 0
        while found := self._pattern.search(text, position):
            start, end = found.span()
            length = self._longest_word(text, start)
            if not length:
                inside.append((start, end))
                position = start + 1
                continue
            position = start + length
            yield from ((*span, False) for span in inside if span[1] <= start)
            inside = []
            yield start, position, True
        yield from ((*span, False) for span in inside)

    def _longest_word(self, text: str, start: int) -> int:
        for variant in self._texts:
            if text.startswith(variant, start) and is_word(text, start, start + len(variant)):
                return len(variant)
        return 0


class _Search:
    """The search in one text: a file's content or its path."""

    def __init__(self, matcher: Matcher, reader: Reader) -> None:
        self.matcher = matcher
        self.reader = reader
        self.text = reader.text

    def occurrences(self) -> Iterator[Occurrence]:
        """Yield the occurrences in order, as they are without a decision."""
        in_name = self.reader.in_name
        for match in self.matches:
            variant, status = self._proposed(match)
            same = [one for many in self._candidates(match).values() for one in many]
            others = tuple(one.variable for one in same if one is not variant)
            if status is Status.ACCEPTED and others:
                status = Status.COLLISION
            column = match.start - (0 if in_name else match.line_start) + 1
            line = 0 if in_name else match.line
            place = (self.reader.path, match.start, match.end, line, column)
            yield Occurrence(*place, variant, status, others)

    @cached_property
    def matches(self) -> list[Match]:
        return list(self.matcher.find(self.text))

    def _candidates(self, match: Match) -> dict[Value, list[CaseVariant]]:
        return self.matcher.by_text[self.text[match.start : match.end]]

    def _proposed(self, match: Match) -> tuple[CaseVariant, Status]:
        """Return the variant of the value that is most certain to be meant, and how certain."""
        choices = []
        for value, same in self._candidates(match).items():
            variant = self.reader.choose(same, match.start, match.end)
            status = Status.ACCEPTED
            if not match.is_word:
                status = Status.INSIDE
            elif variant.variable in self.matcher.ambiguous:
                status = self._ambiguous(value, match)
            choices.append((variant, status))
        order = (Status.ACCEPTED, Status.UNDECIDED, Status.UNNAMED, Status.INSIDE)
        return min(choices, key=lambda choice: order.index(choice[1]))

    def _ambiguous(self, value: Value, match: Match) -> Status:
        if not value.is_parameter:
            return Status.UNDECIDED
        key = (value, match.line_start)
        if key not in self._named:
            end = self.text.find("\n", match.start)
            line = self.text[match.line_start : end if end >= 0 else None]
            self._named[key] = named_starts(value, line, self._starts[key])
        is_named = match.start - match.line_start in self._named[key]
        return Status.ACCEPTED if is_named else Status.UNNAMED

    @cached_property
    def _named(self) -> dict[tuple[Value, int], set[int]]:
        """Where a value's name says that it is meant, in a line."""
        return {}

    @cached_property
    def _starts(self) -> dict[tuple[Value, int], list[int]]:
        """Where a value stands, in a line."""
        starts: defaultdict[tuple[Value, int], list[int]] = defaultdict(list)
        for match in self.matches:
            for value in self._candidates(match) if match.is_word else ():
                starts[value, match.line_start].append(match.start - match.line_start)
        return starts


def _left_in_bytes(path: str, content: bytes, matcher: Matcher) -> Iterator[Occurrence]:
    """Yield the occurrences in a file that is not text; nothing can be substituted there."""
    text = content.decode("latin-1")
    for match in matcher.find(text):
        variant = next(iter(matcher.by_text[text[match.start : match.end]].values()))[0]
        column = match.start - match.line_start + 1
        place = (path, match.start, match.end, match.line, column)
        yield Occurrence(*place, variant, Status.BINARY)


def is_word(text: str, start: int, end: int) -> bool:
    """Return whether no letter or digit continues what stands between start and end.

    A hump is an edge too: `ChurnModel` in `myChurnModelTest`, `churn` in `churnModel`.
    """
    word = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    if is_number(word) and _in_number(text, start, end):
        return False
    is_camel = word.isalnum() and word[0].isupper() and not word.isupper()
    starts = not before.isalnum() or _is_escaped(text, start - 1)
    ends = not after.isalnum()
    starts_at_hump = is_camel and (before.islower() or before.isdigit())
    ends_at_hump = after.isupper() and (is_camel or word[-1].islower())
    return (starts or starts_at_hump) and (ends or ends_at_hump)


def _is_escaped(text: str, position: int) -> bool:
    """Return whether a letter is the end of an escape, such as the n of a line end."""
    before = text[max(position - 64, 0) : position]
    backslashes = len(before) - len(before.rstrip("\\"))
    return text[position] in _ESCAPES and backslashes % 2 == 1


def _in_number(text: str, start: int, end: int) -> bool:
    """Return whether digits continue after a dot or an underscore: 20 in 1.20 and 20_000."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return (len(before) == 2 and before[1] in "._" and before[0].isdigit()) or (
        len(after) == 2 and after[0] in "._" and after[1].isdigit()
    )


def named_starts(value: Value, line: str, starts: Sequence[int]) -> set[int]:
    """Return which of a literal's places in a line are its parameter's.

    Of several in one line it is the first after each time that the line has the name, or the
    last before it if none follows: `dict(patience=20, epochs=20)`.
    """
    ends = [found.end() for found in _name_pattern(value.name).finditer(line)]
    if not ends:
        return set()
    if len(starts) == 1:
        return set(starts)
    after = {next((start for start in starts if start >= end), None) for end in ends}
    return {start for start in after if start is not None} or {starts[-1]}


@cache
def _name_pattern(name: str) -> re.Pattern[str]:
    words = "[-_ ]?".join(re.escape(word) for word in name.split("_") if word)
    # `n_epochs` and `epochs-left` are other names.
    return re.compile(rf"(?<!\w)(?<!\w-){words}(?!\w)(?!-\w)", re.IGNORECASE)
