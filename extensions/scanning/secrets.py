"""Finds what no template may hold: secrets, and facts about one machine, account or person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from extensions.model import File, Tree
from extensions.scanning import credentials, machine
from extensions.scanning.findings import Finding

__all__ = ["Finding", "scan"]

# An address there is the version of a package.
_LOCK = re.compile(
    r"(?:.*[./_-])?(?:lock|requirements)(?:[._-].*)?|.*\.(?:lock|sum)", re.IGNORECASE
)


def scan(files: Tree, allowed: Sequence[str] = ()) -> list[Finding]:
    """Return what stands in the files, in the order of their names and lines.

    Args:
        files: What is scanned: contents, and names.
        allowed: Patterns of what may stand there: `PATH`, `PATH:LINE`, `KIND:PATH`; the kinds are
            those in `extensions.findings.REMEDIES`.

    """
    found = []
    with credentials.scanner() as scanner:
        for path, file in sorted(files.items()):
            there = dict.fromkeys(_scan_file(scanner, path, file))
            found += [finding for finding in there if not finding.is_allowed(allowed)]
    return found


def _scan_file(scanner: credentials.Scanner, path: str, file: File) -> Iterator[Finding]:
    for fact in machine.facts(path):
        yield Finding(path, 0, fact.kind, f"{fact.what} in the name", fact.value)
    text = file.text if file.text is not None else _utf_16(file.content)
    if text is None:
        binary = file.content.decode("latin-1")
        for what, value in scanner.binary(binary):
            yield Finding(path, 0, "secret", what, value)
        for fact in machine.homes(binary):
            yield Finding(path, 0, fact.kind, fact.what, fact.value)
        return
    found: list[machine.Fact] = [
        *(
            machine.Fact(start, "secret", what, value)
            for start, what, value in scanner.text(path, text)
        ),
        *_facts(path, text),
    ]
    yield from _placed(path, text, found)


def _facts(path: str, text: str) -> Iterator[machine.Fact]:
    is_lock = _LOCK.fullmatch(path.rsplit("/", 1)[-1])
    return (fact for fact in machine.facts(text) if not is_lock or fact.kind != "address")


def _placed(path: str, text: str, found: Iterable[machine.Fact]) -> Iterator[Finding]:
    """Yield findings with their lines; a value that two patterns find in a line, once."""
    line, position = 1, 0
    seen = set()
    for fact in sorted(found):
        line += text.count("\n", position, fact.start)
        position = fact.start
        if (line, fact.value) not in seen:
            seen.add((line, fact.value))
            yield Finding(path, line, fact.kind, fact.what, fact.value)


def _utf_16(content: bytes) -> str | None:
    """Return the text of a file as Windows writes it, or None if it is something else."""
    if not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError:
        return None
