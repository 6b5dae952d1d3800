"""Finds where the values of a project stand, in its files and in their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from extensions.model import Form, Site, Status, Tree, Value
from extensions.searching.decisions import Decisions
from extensions.searching.naming import named_starts
from extensions.searching.needles import Found, Needles, forms_of
from extensions.searching.spellings import Names, Reader


def find(
    files: Tree, values: Sequence[Value], decisions: Decisions, names: Names | None = None
) -> list[Site]:
    """Return all sites by path: those in the name before those in the content, as they stand.

    From left to right the longest form is taken, so that no two substituted sites overlap.

    Args:
        files: The files to look in.
        values: What to look for; of two with the same text the first one is taken.
        decisions: What a person has decided about sites. Whether each of them concerns a site is
            said by `Decisions.check`.
        names: What else the project's files are called; without it these files are the project.

    """
    spelled = forms_of(values)
    by_variable = {form.variable: form for same in spelled for form in same}
    contents = Needles(spelled)
    binary = Needles(spelled, in_bytes=True)
    # The name of a file or folder has no slash.
    parts = Needles([[form for form in same if "/" not in form.text] for same in spelled])
    names = names or Names(files)
    sites: list[Site] = []
    for path, file in sorted(files.items()):
        sites += _Search(parts, Reader(path, path, names, in_name=True)).sites()
        if (text := file.text) is not None:
            sites += _Search(contents, Reader(path, text, names)).sites()
        else:
            sites += _left_in_bytes(path, file.content, binary)
    return [decisions.settle(site, by_variable) for site in sites]


class _Search:
    """The search in one text: a file's content or its path."""

    def __init__(self, needles: Needles, reader: Reader) -> None:
        self.needles = needles
        self.reader = reader
        self.text = reader.text

    def sites(self) -> Iterator[Site]:
        """Yield the sites in their order, as they are without a decision."""
        for found in self.found:
            form, status = self._proposed(found)
            same = [one for many in self._candidates(found).values() for one in many]
            others = tuple(one.variable for one in same if one is not form)
            if status is Status.ACCEPTED and others:
                status = Status.COLLISION
            line = 0 if self.reader.in_name else found.line
            column = found.start - (0 if self.reader.in_name else found.line_start) + 1
            yield Site(self.reader.path, found.start, found.end, line, column, form, status, others)

    @cached_property
    def found(self) -> list[Found]:
        return list(self.needles.find(self.text))

    def _candidates(self, found: Found) -> dict[Value, list[Form]]:
        return self.needles.by_text[self.text[found.start : found.end]]

    def _proposed(self, found: Found) -> tuple[Form, Status]:
        """Return the form of the value that is most certain to be meant, and how certain it is."""
        choices = []
        for value, same in self._candidates(found).items():
            form = self.reader.choose(same, found.start, found.end)
            status = Status.ACCEPTED
            if not found.is_alone:
                status = Status.INSIDE
            elif form.variable in self.needles.dangerous:
                status = self._in_danger(value, found)
            choices.append((form, status))
        order = (Status.ACCEPTED, Status.UNDECIDED, Status.UNNAMED, Status.INSIDE)
        return min(choices, key=lambda choice: order.index(choice[1]))

    def _in_danger(self, value: Value, found: Found) -> Status:
        if not value.is_parameter:
            return Status.UNDECIDED
        key = (value, found.line_start)
        if key not in self._named:
            end = self.text.find("\n", found.start)
            line = self.text[found.line_start : end if end >= 0 else None]
            self._named[key] = named_starts(value, line, self._starts[key])
        is_named = found.start - found.line_start in self._named[key]
        return Status.ACCEPTED if is_named else Status.UNNAMED

    @cached_property
    def _named(self) -> dict[tuple[Value, int], set[int]]:
        """Where a value's name says that it is meant, in a line."""
        return {}

    @cached_property
    def _starts(self) -> dict[tuple[Value, int], list[int]]:
        """Where a value stands, in a line."""
        starts: defaultdict[tuple[Value, int], list[int]] = defaultdict(list)
        for found in self.found:
            for value in self._candidates(found) if found.is_alone else ():
                starts[value, found.line_start].append(found.start - found.line_start)
        return starts


def _left_in_bytes(path: str, content: bytes, needles: Needles) -> Iterator[Site]:
    """Yield the sites in a file that is no text; nothing can be substituted there."""
    text = content.decode("latin-1")
    for found in needles.find(text):
        form = next(iter(needles.by_text[text[found.start : found.end]].values()))[0]
        column = found.start - found.line_start + 1
        yield Site(path, found.start, found.end, found.line, column, form, Status.BINARY)
