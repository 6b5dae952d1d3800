"""All forms of all values, looked for at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extensions.forms import forms
from extensions.model import Form, Value
from extensions.searching.edges import stands_alone
from extensions.searching.words import is_dangerous


@dataclass(frozen=True)
class Found:
    """A place in a text where a form stands.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        is_alone: Whether it is no part of a longer word.
        line: From 1.
        line_start: Where its line begins.

    """

    start: int
    end: int
    is_alone: bool
    line: int
    line_start: int


class Needles:
    """The forms to look for in one kind of text.

    Attributes:
        by_text: The forms that have a text by their value, in the order of the values.
        dangerous: The variables of the forms that are too short or too common to be certain.

    """

    def __init__(self, forms_of: Sequence[Sequence[Form]], *, in_bytes: bool = False) -> None:
        """Take the forms of each value; in bytes each is looked for as latin-1 reads it."""
        self.by_text: dict[str, dict[Value, list[Form]]] = {}
        for same_value in forms_of:
            for form in same_value:
                text = form.text.encode().decode("latin-1") if in_bytes else form.text
                self.by_text.setdefault(text, {}).setdefault(form.value, []).append(form)
        self.dangerous = {
            form.variable for same in forms_of for form in same if is_dangerous(form, same)
        }
        self._texts = sorted(self.by_text, key=lambda text: (-len(text), text))
        # Without a text the pattern would match everywhere, so it gets one that nowhere does.
        self._pattern = re.compile("|".join(map(re.escape, self._texts)) or r"(?!)")

    def find(self, text: str) -> Iterator[Found]:
        """Yield where forms stand, in their order.

        Those that stand alone do not overlap each other, and no part of a longer word overlaps
        one of them.
        """
        line, line_start, last = 1, 0, 0
        for start, end, is_alone in self._spans(text):
            line += text.count("\n", last, start)
            line_start = text.rfind("\n", last, start) + 1 or line_start
            last = start
            yield Found(start, end, is_alone, line, line_start)

    def _spans(self, text: str) -> Iterator[tuple[int, int, bool]]:
        inside: list[tuple[int, int]] = []
        position = 0
        while found := self._pattern.search(text, position):
            start, end = found.span()
            length = self._longest_alone(text, start)
            if not length:
                inside.append((start, end))
                position = start + 1
                continue
            position = start + length
            yield from ((*span, False) for span in inside if span[1] <= start)
            inside = []
            yield start, position, True
        yield from ((*span, False) for span in inside)

    def _longest_alone(self, text: str, start: int) -> int:
        for form in self._texts:
            if text.startswith(form, start) and stands_alone(text, start, start + len(form)):
                return len(form)
        return 0


def forms_of(values: Sequence[Value]) -> list[list[Form]]:
    """Return the forms of each value that has any."""
    return [found for value in values if (found := forms(value))]
