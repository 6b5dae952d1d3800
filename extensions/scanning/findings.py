"""What no template may hold by chance, and which of it its owner allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from extensions.refusals import Refusal, is_allowed

# Each kind, and what its owner best does about it.
REMEDIES = {
    "secret": "Take it out, and read it from an environment variable; change it, as git keeps it.",
    "account": "Read it from the environment, or make it a question: --param NAME=VALUE",
    "home": "Use a path that is relative to the project, or an environment variable.",
    "email": "Make it a question (--param NAME=VALUE), or write an address at example.com.",
    "host": "Read it from the environment, or make it a question: --param NAME=VALUE",
    "address": "Read it from the environment, or make it a question: --param NAME=VALUE",
}
# Enough to recognise it by, too little to use it.
_MASKED = "****"


@dataclass(frozen=True)
class Finding:
    """A secret, or a fact about one machine, account or person.

    Attributes:
        path: The file.
        line: From 1; 0 in the file's name or in a file that is no text.
        kind: One of the names in `REMEDIES`.
        what: What it is, for its reader.
        value: The text itself; never shown.

    """

    path: str
    line: int
    kind: str
    what: str
    value: str = field(repr=False)

    @property
    def text(self) -> str:
        """The value, masked."""
        shown = min(4 if self.kind == "secret" else 8, len(self.value) // 3)
        return self.value[:shown] + _MASKED

    @property
    def place(self) -> str:
        """Where it is, as `--allow` takes it."""
        return f"{self.path}:{self.line}" if self.line else self.path

    @property
    def remedy(self) -> str:
        """What to do."""
        return f"{REMEDIES[self.kind]} If it may stand there: --allow '{self.place}'"

    @property
    def refusal(self) -> Refusal:
        """The finding as a reason against the capture."""
        remedy = f"{REMEDIES[self.kind]} If it may stand there: --allow PATH:LINE"
        return Refusal(f"{self.place}  {self.what} {self.text}", _REASONS[self.kind], remedy)

    def is_allowed(self, allowed: Iterable[str]) -> bool:
        """Say whether a pattern covers it: `PATH`, `PATH:LINE`, `KIND:PATH` or all three."""
        names = (self.path, self.place, f"{self.kind}:{self.path}", f"{self.kind}:{self.place}")
        patterns = list(allowed)
        return any(is_allowed(name, patterns) for name in names)


_REASONS = {
    "secret": "what looks like a secret",
    "account": "the number of an account",
    "home": "the home folder of a person",
    "email": "an e-mail address",
    "host": "the name of a host",
    "address": "the address of a host",
}
