"""The pages that users read, and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.project import ROOT

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]

FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        language: What it is written in.
        title: The file that it belongs to; empty without one.
        text: What it says.

    """

    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Step:
    """A command of a block of the console, and what it is said to print."""

    command: str
    output: list[str]


def name_of(page: Path) -> str:
    """Return the path of a page in the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(text: str) -> list[Block]:
    """Return the blocks of a page, in order."""
    return [Block(*found) for found in FENCE.findall(text)]


def steps(block: Block) -> Iterator[Step]:
    """Yield the commands of a block of the console."""
    for part in re.split(r"^\$ ", block.text.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, *output = part.splitlines()
        yield Step(command, [line for line in output if line.strip()])
