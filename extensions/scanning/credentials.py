"""Finds secrets with the patterns of detect-secrets, fast enough for ten thousand files.

Its own scan runs each pattern on each line. Here a cheap search finds the few lines that can hold
a secret, and only those are looked at; what is no secret is told apart in `extensions.harmless`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple

from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from detect_secrets.plugins.high_entropy_strings import HighEntropyStringsPlugin
from detect_secrets.plugins.keyword import DENYLIST, KeywordDetector
from detect_secrets.settings import default_settings, get_plugins

from extensions.scanning import harmless

# What detect-secrets looks for before a value: `api_?key` is `api_key` and `apikey`. They are
# grouped by a part that most files do not have.
_KEYWORDS = {
    stem: {word.replace("_?", glue) for word in DENYLIST for glue in ("_", "") if stem in word}
    for stem in ("key", "pass", "pwd", "secret", "contrase")
}
# Every token is in a run of such characters, and has a digit. To begin with the digit is fast.
_DIGIT = re.compile(r"\d(?:[\w+/=-]{8}|(?<=[\w+/=-]{9}))", re.ASCII)
_RUN = re.compile(r"[\w+/=-]{16}", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z].*[A-Za-z]")
_URL = re.compile(r"://[^\s/@]{1,200}:[^\s/@]{1,200}@")
# Nothing is given to a name without one of them.
_GIVEN = re.compile(r"[\"'`:=(]")
_KEY_FILES = ("PRIVATE KEY", "PuTTY-User-Key-File")
# What begins a token, or is in it, so that random bytes do not look like one.
_IN_BINARY = re.compile(
    r"A(?:K|S)IA[0-9A-Z]{16}|gh[opsur]_\w{36}|glpat-|xox[abopsr]-\d|[rs]k_live_|PRIVATE KEY"
    r"|pypi-AgE|T3BlbkFJ|sq0csp-",
    re.ASCII,
)
_SURE = {
    "AWSKeyDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
}
# A line longer than this is looked at in parts around what was found in it.
_LONG = 1000
_AROUND = 200
# A value with no quotes, in files that need none.
_UNQUOTED = re.compile(r"[:=][ \t]*([\w+/=-]{20,})[ \t\r]*$", re.ASCII)


class Secret(NamedTuple):
    """A secret, and where its text begins."""

    start: int
    what: str
    value: str


class Scanner:
    """Looks for secrets, with plugins of detect-secrets."""

    def __init__(self, plugins: Sequence[BasePlugin]) -> None:
        # Addresses are looked for in extensions/scanning/hosts.py, where versions are told apart.
        plugins = [plugin for plugin in plugins if type(plugin).__name__ != "IPPublicDetector"]
        self._tokens = [plugin for plugin in plugins if isinstance(plugin, RegexBasedDetector)]
        self._sure = [plugin for plugin in self._tokens if type(plugin).__name__ in _SURE]
        self._random = [
            plugin for plugin in plugins if isinstance(plugin, HighEntropyStringsPlugin)
        ]
        self._named = [plugin for plugin in plugins if isinstance(plugin, KeywordDetector)]

    def text(self, path: str, text: str) -> Iterator[Secret]:
        """Yield the secrets in a text file."""
        for start, end in _parts(text, sorted(_candidates(text))):
            part = text[start:end]
            if harmless.is_marked(part):
                continue
            for what, value in self._in_part(path, part):
                yield Secret(start + max(0, part.find(value)), what, value)

    def binary(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the tokens in a file that is no text, decoded as Latin-1."""
        positions = [match.start() for match in _IN_BINARY.finditer(text)]
        for start, end in _parts(text, positions):
            yield from _tokens(self._sure, text[start:end])

    def _in_part(self, path: str, part: str) -> Iterator[tuple[str, str]]:
        # In JSON within JSON, as in notebooks, quotes are escaped.
        line = part.replace('\\"', '"')
        yield from _tokens(self._tokens, line)
        yield from self._in_names(harmless.type_name(path), line)
        if not harmless.has_digests(path):
            yield from self._in_strings(path, line)

    def _in_names(self, name: str, line: str) -> Iterator[tuple[str, str]]:
        """Yield what is given to a password, a key or the like."""
        if not _GIVEN.search(line):
            return
        for plugin in self._named:
            for value, rest in _named(plugin, name, line):
                if not harmless.is_harmless_named(value, rest):
                    yield "value of a secret's name", value

    def _in_strings(self, path: str, line: str) -> Iterator[tuple[str, str]]:
        """Yield strings that look random."""
        lines = [line]
        if harmless.needs_no_quotes(path) and (match := _UNQUOTED.search(line)):
            lines.append(f'"{match[1]}"')
        for plugin in self._random:
            for secret in chain.from_iterable(plugin.analyze_line(path, each) for each in lines):
                value = str(secret.secret_value)
                if not harmless.is_harmless_random(value, line):
                    yield "random-looking text", value


@contextmanager
def scanner() -> Iterator[Scanner]:
    """Lend a scanner with all plugins of detect-secrets."""
    with default_settings():
        yield Scanner(get_plugins())


def _tokens(plugins: Sequence[RegexBasedDetector], line: str) -> Iterator[tuple[str, str]]:
    for plugin in plugins:
        for match in chain.from_iterable(regex.finditer(line) for regex in plugin.denylist):
            # A group is the secret within quotes or such, or just the kind of a token.
            group = match.lastindex or 0
            value = match[group if match.end(group) >= match.end() - 1 else 0]
            # Some plugins look closer than their pattern does.
            is_valid = any(True for _ in plugin.analyze_string(match[0]))
            if is_valid and not harmless.is_harmless(value):
                yield plugin.secret_type, value


def _named(plugin: BasePlugin, name: str, line: str) -> Iterator[tuple[str, str]]:
    """Yield values of a secret's name, each with the part of the line that it was found in."""
    while values := {str(each.secret_value) for each in plugin.analyze_line(name, line)}:
        yield from ((value, line) for value in sorted(values))
        # The plugin stops at the first one.
        line = line[min(line.find(value) + len(value) for value in values) :]


def _candidates(text: str) -> Iterator[int]:
    """Yield positions in lines that can hold a secret."""
    for match in _DIGIT.finditer(text):
        run = _RUN.search(text, max(0, match.start() - 15), match.start() + 16)
        # A number has one letter at most, as in 1e-05.
        if run and _LETTERS.search(run[0]):
            yield match.start()
    lowered = text.lower()
    for stem, words in _KEYWORDS.items():
        if stem in lowered:
            for word in words:
                yield from _all(lowered, word)
    for word in _KEY_FILES:
        yield from _all(text, word)
    if "://" in text:
        yield from (match.start() for match in _URL.finditer(text))


def _all(text: str, word: str) -> Iterator[int]:
    position = text.find(word)
    while position >= 0:
        yield position
        position = text.find(word, position + len(word))


def _parts(text: str, positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the lines around positions, each once; of a long line a part around each."""
    done = -1
    for position in positions:
        if position < done:
            continue
        start = text.rfind("\n", 0, position) + 1
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        if end - start > _LONG:
            start, end = max(start, position - _AROUND), min(end, position + _LONG)
            done = end - _AROUND if end < len(text) else end
        else:
            done = end
        yield start, end
