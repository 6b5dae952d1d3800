"""The README, its blocks of commands and its table."""

from __future__ import annotations

import re

from tests.project import ROOT

PICTURE = ROOT / "docs/images/terminal.svg"


def text() -> str:
    """Return the page."""
    return (ROOT / "README.md").read_text("utf-8")


def blocks(name: str = "README.md") -> list[list[str]]:
    """Return the commands of each block of the console."""
    page = (ROOT / name).read_text("utf-8")
    found = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [re.findall(r"^\$ (.*)$", block, re.MULTILINE) for block in found]


def table() -> dict[str, list[str]]:
    """Return the cells of the table against others by the question of each row, without marks."""
    lines = [line for line in text().splitlines() if line.startswith("|")]
    rows = [[plain(cell) for cell in line.strip("|").split("|")] for line in lines]
    width = len(rows[0])
    return {first: cells for first, *cells in rows if len(cells) == width - 1}


def plain(cell: str) -> str:
    """Return a cell without bold marks and the number of a note."""
    return re.sub(r"[*¹²³]", "", cell).strip()
