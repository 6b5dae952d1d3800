"""The list of error messages in docs/troubleshooting/: what each means, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.troubleshooting.texts import VARIES

LIST = Path(__file__).absolute().parents[2] / "docs" / "troubleshooting"
START = "start"
# So many words of a message make its anchor.
ANCHOR_WORDS = 8


@dataclass(frozen=True)
class Entry:
    """Messages with one cause and one remedy.

    Attributes:
        messages: Each as it begins, `...` for what varies.
        where: What a person was doing.
        cause: Why it is said.
        remedy: What to do.

    """

    messages: tuple[str, ...]
    where: str
    cause: str
    remedy: str

    @property
    def anchor(self) -> str:
        """The name by which a link leads here."""
        words = re.findall(r"[a-z0-9]+", self.messages[0].lower().replace("'", ""))
        return "-".join(words[:ANCHOR_WORDS])


@dataclass(frozen=True)
class Section:
    """The entries of one thing that a person does."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Symptom:
    """What a person sees before there is a message: where to look, and what it most often is."""

    title: str
    look: str
    messages: tuple[str, ...]


def sections() -> list[Section]:
    """Return all entries, in the order of the page."""
    return [section(name) for name in load(START)["sections"]]


def section(name: str) -> Section:
    """Return the entries of a file."""
    content = load(name)
    return Section(content["title"], tuple(map(entry, content["entries"])))


def entry(content: dict[str, Any]) -> Entry:
    """Return an entry as the list has it."""
    return Entry(**{**content, "messages": tuple(content["messages"])})


def symptoms() -> list[Symptom]:
    """Return where somebody starts who has no message."""
    return [
        Symptom(one["title"], one["look"], tuple(one["messages"]))
        for one in load(START)["symptoms"]
    ]


def load(name: str) -> dict[str, Any]:
    """Read a file of the list."""
    content: dict[str, Any] = yaml.safe_load((LIST / f"{name}.yml").read_text("utf-8"))
    return content


def covers(pattern: str, text: str) -> bool:
    """Say whether a message of the list is how a text begins."""
    parts = map(re.escape, pattern.split(VARIES))
    return re.match(".*".join(parts), text) is not None
