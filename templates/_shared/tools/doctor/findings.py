"""What the doctor has found, and how it is told: a line each, the worst first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]

# How many files a line names; a note counts them only, and --verbose names all.
SHOWN = {"error": 5, "warning": 5, "note": 0}


@dataclass(frozen=True)
class Finding:
    """What is wrong, in which files, and what to do.

    With an error, `copier update` refuses or loses something. A warning is good to know before it,
    a note at any time.
    """

    level: Level
    what: str
    remedy: str
    files: tuple[str, ...] = ()

    def line(self, *, verbose: bool) -> str:
        """Tell it in one line."""
        shown = self.files if verbose else self.files[: SHOWN[self.level]]
        names = [name if name.isprintable() else repr(name) for name in shown]
        if names and len(names) < len(self.files):
            names.append(f"and {len(self.files) - len(names)} more (--verbose)")
        unnamed = " (-- --verbose names them)" if self.files else ""
        files = f": {', '.join(names)}" if names else unnamed
        return f"{self.level}: {self.what}{files}. {self.remedy}"


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings by level; those of one level as they were found."""
    return sorted(findings, key=lambda finding: list(SHOWN).index(finding.level))


def as_json(findings: Iterable[Finding]) -> str:
    """Write the findings for a program."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)


def count(files: Iterable[str], verb: str = "is", verbs: str = "are") -> str:
    """Begin a sentence about files: `1 file is`, `3 files are`."""
    number = len(list(files))
    return f"1 file {verb}" if number == 1 else f"{number} files {verbs}"
