"""Which of several case variants with the same text a place asks for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from extensions.model import CaseVariant
from extensions.variants import case_of

# What is chosen first; the cases that a text cannot be told from are last.
PLAIN = ("raw", "title", "kebab", "snake", "pascal", "upper")
IDENTIFIER = ("snake", "pascal", "upper", "kebab", "raw", "title")
# Beside a dash or a slash no blank can stand.
DASHED = ("kebab", *IDENTIFIER)

# Comments and strings. One that is not closed continues to the end of its line or of the file.
PYTHON_PROSE = re.compile(
    r'#[^\n]*|"""(?:[^\\]|\\.)*?(?:"""|\Z)|\'\'\'(?:[^\\]|\\.)*?(?:\'\'\'|\Z)'
    r'|"(?:[^"\\\n]|\\.)*"?|\'(?:[^\'\\\n]|\\.)*\'?',
    re.DOTALL,
)
_WORD = re.compile(r"[\w.-]*")
_CHILD = re.compile(r"/([\w.-]+)")
# The longest name of a file.
_LONGEST = 255


class Names:
    """The names of a project's files and folders, by which its texts refer to them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.parts: set[str] = set()
        self.pairs: set[str] = set()
        for path in paths:
            parts = path.split("/")
            self.parts.update(parts)
            self.pairs.update(f"{parent}/{part}" for parent, part in pairwise(parts))

    def has_module(self, name: str) -> bool:
        """Return whether a file or a folder makes a name one that Python imports."""
        return name in self.parts or f"{name}.py" in self.parts


class Reader:
    """Reads what is around a place in one text, be it a file's content or its path."""

    def __init__(self, path: str, text: str, names: Names, *, in_name: bool = False) -> None:
        self.path = path
        self.in_name = in_name
        self.is_python = path.endswith((".py", ".pyi")) and not in_name
        self.text = text
        self.names = names

    def choose(self, candidates: Sequence[CaseVariant], start: int, end: int) -> CaseVariant:
        """Return the variant that a place asks for, of those of one value with its text."""
        if len(candidates) == 1:
            return candidates[0]
        order = self._order(start, end)
        return min(candidates, key=lambda variant: order.index(case_of(variant)))

    def _order(self, start: int, end: int) -> Sequence[str]:
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        around = before + after
        if "_" in around or before.isalnum() or after.isalnum():
            return IDENTIFIER
        if self.in_name or self._names_a_file(start, end):
            return DASHED if "-" in around else IDENTIFIER
        # A variable of a shell or of a format, or a name in Python.
        if before in ("$", "{") or (self.is_python and not self._is_prose(start)):
            return IDENTIFIER
        return DASHED if "-" in around or "/" in around else PLAIN

    def _names_a_file(self, start: int, end: int) -> bool:
        """Return whether the word is a part of a path, or a module, that the project has."""
        first, last = self._word(start, end)
        word = self.text[first:last].strip(".")
        has_parent = self.text[first - 1 : first] == "/"
        parent = self.text[self._word(first - 1, first - 1)[0] : first - 1] if has_parent else ""
        below = _CHILD.match(self.text, last)
        child = below[1] if below else ""
        if f"{parent}/{word}" in self.names.pairs or f"{word}/{child}" in self.names.pairs:
            return True
        if word != self.text[start:end] and word in self.names.parts:
            return True
        is_dotted = "." in word or self.text[max(start - 3, 0) : start] == "-m "
        return is_dotted and self.names.has_module(self.text[start:end])

    def _word(self, start: int, end: int) -> tuple[int, int]:
        """Return where the word begins and ends that a file could be called by."""
        before = _WORD.match(self.text[max(start - _LONGEST, 0) : start][::-1])
        after = _WORD.match(self.text, end, end + _LONGEST)
        return start - (before.end() if before else 0), after.end() if after else end

    def _is_prose(self, start: int) -> bool:
        begins, ends = self._prose
        last = bisect_right(begins, start) - 1
        return last >= 0 and ends[last] > start

    @cached_property
    def _prose(self) -> tuple[list[int], list[int]]:
        spans = [found.span() for found in PYTHON_PROSE.finditer(self.text)]
        return [begin for begin, _ in spans], [end for _, end in spans]
