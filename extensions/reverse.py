"""Writes a text as the source of a Jinja template that renders to that text, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from jinja2 import Environment, StrictUndefined, pass_environment
from jinja2.ext import Extension

from extensions.model import Occurrence

# A line with this many escapes is easier to read as one raw block.
RAW_FROM = 2


class ReverseExtension(Extension):
    """Gives an environment the filter `to_template`: `text | to_template(occurrences)`.

    It is loaded by the capture alone; copier.yml names no extension, so nobody needs --trust.
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        # Jinja has a filter `reverse` of its own, which templates go on to find.
        environment.filters["to_template"] = pass_environment(reverse)


def environment() -> Environment:
    """Return an environment that renders as Copier does with the settings of copier.yml."""
    return Environment(
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension", ReverseExtension],
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )


def reverse(environment: Environment, text: str, occurrences: Sequence[Occurrence]) -> str:
    """Return the source that renders to the text.

    The delimiters and line ends are those of the environment. Occurrences that are substituted
    become expressions; those in names and those that are left do not count.

    Raises:
        ValueError: Two occurrences overlap, or one is not where the text has its variant.

    """
    inside = [occurrence for occurrence in occurrences if not occurrence.in_name]
    return _Writer(environment, raw=True).write(text, inside)


def reverse_name(name: str, occurrences: Sequence[Occurrence]) -> str:
    """Return the path whose parts Copier renders to the parts of this path, with slashes."""
    return _Writer(_copier(), raw=False).write(
        name, [occurrence for occurrence in occurrences if occurrence.in_name]
    )


@cache
def _copier() -> Environment:
    return environment()


class _Writer:
    """Writes from right to left, since a brace is harmless or not by what was written after it."""

    def __init__(self, environment: Environment, *, raw: bool) -> None:
        self.variable = (environment.variable_start_string, environment.variable_end_string)
        self.block = (environment.block_start_string, environment.block_end_string)
        openers = [self.variable[0], self.block[0], environment.comment_start_string]
        # They count at the start of a line alone; an escape elsewhere does no harm.
        prefixes = [environment.line_statement_prefix, environment.line_comment_prefix]
        self.openers = tuple(openers + [prefix for prefix in prefixes if prefix])
        self.width = max(map(len, self.openers))
        # Jinja writes every line end of a source as the one it was told.
        self.line_ends = "\r" if environment.newline_sequence == "\n" else "\r\n"
        first = {opener[0] for opener in self.openers} | set(self.line_ends)
        self.suspects = re.compile(f"[{re.escape(''.join(sorted(first)))}]")
        self.keeps_end = environment.keep_trailing_newline
        # Where Jinja takes away blanks around blocks, a raw block would lose its neighbors.
        self.raw = raw and not (environment.trim_blocks or environment.lstrip_blocks)

    def write(self, text: str, occurrences: Iterable[Occurrence]) -> str:
        """Return the source of the text."""
        pieces = [] if self.keeps_end or not text.endswith("\n") else [self._expression("''")]
        head = "".join(pieces)[: self.width]
        end = len(text)
        taken = [occurrence for occurrence in occurrences if occurrence.status.is_substituted]
        for occurrence in sorted(taken, key=lambda occurrence: occurrence.start, reverse=True):
            wanted = occurrence.variant.text
            if occurrence.end > end or text[occurrence.start : occurrence.end] != wanted:
                message = f"{occurrence.place}: {wanted!r} is not there, or two occurrences overlap"
                raise ValueError(message)
            literal = self._literal(text[occurrence.end : end], head)
            pieces += [literal, self._expression(occurrence.variant.variable)]
            head = (pieces[-1] + literal[: self.width] + head)[: self.width]
            end = occurrence.start
        pieces.append(self._literal(text[:end], head))
        return "".join(reversed(pieces))

    def _expression(self, inner: str) -> str:
        return f"{self.variable[0]} {inner} {self.variable[1]}"

    def _literal(self, text: str, head: str) -> str:
        """Write a text without occurrences; the head is how the source goes on after it."""
        if not self.suspects.search(text):
            return text
        lines = []
        for line in reversed(re.findall(r"[^\n]*\n|[^\n]+", text)):
            lines.append(self._line(line, head))
            head = (lines[-1] + head)[: self.width]
        return "".join(reversed(lines))

    def _line(self, line: str, head: str) -> str:
        escaped, count = self._escape(line, head)
        core = line.strip()
        if count < RAW_FROM or not self.raw or "endraw" in core:
            return escaped
        if any(character in core for character in self.line_ends):
            return escaped
        start, end = self.block
        before, after = line[: line.index(core)], line[line.index(core) + len(core) :]
        raw = f"{start} raw {end}{core}{start} endraw {end}"
        return self._escape(before, raw)[0] + raw + self._escape(after, head)[0]

    def _escape(self, text: str, head: str) -> tuple[str, int]:
        """Return the source of a text, and how many delimiters it breaks."""
        pieces: list[str] = []
        count = 0
        end = len(text)
        for suspect in reversed(list(self.suspects.finditer(text))):
            start = suspect.start()
            follows = (text[start : min(end, start + self.width)] + head)[: self.width]
            is_end = text[start] in self.line_ends
            if is_end or follows.startswith(self.openers):
                count += not is_end
                pieces += [text[start + 1 : end], self._expression(repr(text[start]))]
                head = pieces[-1][: self.width]
                end = start
        pieces.append(text[:end])
        return "".join(reversed(pieces)), count
