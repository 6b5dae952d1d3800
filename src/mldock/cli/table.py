"""Tables: as wide as the terminal on one, whole lines in a file or a pipe."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Column, Table

# On a terminal, cells longer than this may be folded into several lines.
FOLDED = 20


def print_table(head: list[str], rows: list[list[str]]) -> None:
    """Print a table; on a terminal that is too narrow for it, the cells of each row as lines."""
    console = Console(markup=False, emoji=False, highlight=False)
    lines = [[plain(cell) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if not sys.stdout.isatty():
        for line in lines:
            print("  ".join(map(str.ljust, line, widths)).rstrip())
    elif sum(min(width, FOLDED) + 2 for width in widths) <= console.width + 2:
        columns = [Column(name, overflow="fold") for name in lines[0]]
        table = Table(*columns, box=None, padding=(0, 2, 0, 0), pad_edge=False)
        for line in lines[1:]:
            table.add_row(*line)
        console.print(table)
    else:
        for line in lines[1:]:
            print(*map("{:<12} {}".format, lines[0], line), "", sep="\n")


def plain(text: str) -> str:
    """Return a text in one line, without what would steer the terminal."""
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)
