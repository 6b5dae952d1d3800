"""Tables in plain text, as wide as the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

# No column gets narrower; columns that then do not fit beside the others go below them.
LEAST = 12
GAP = "  "


def terminal_width() -> int:
    """Return the columns of the terminal; a file or a pipe takes lines of any length."""
    return shutil.get_terminal_size((10_000, 24)).columns


def table(head: list[str], rows: list[list[str]], width: int) -> str:
    """Return a table of at most `width` columns, cells wrapped; the first column names a row."""
    columns = [[plain(cell) for cell in column] for column in zip(head, *rows, strict=True)]
    widths = [max(map(len, column)) for column in columns]
    while room(widths) > width and max(widths) > LEAST:
        widths[widths.index(max(widths))] -= 1
    blocks, shown = [], [0]
    for number in range(1, len(columns)):
        if len(shown) > 1 and room([widths[index] for index in [*shown, number]]) > width:
            blocks.append(shown)
            shown = [0]
        shown.append(number)
    return "\n\n".join(
        block([columns[index] for index in shown], [widths[index] for index in shown])
        for shown in [*blocks, shown]
    )


def room(widths: list[int]) -> int:
    """Return how many columns of the terminal a row takes."""
    return sum(widths) + len(GAP) * (len(widths) - 1)


def block(columns: list[list[str]], widths: list[int]) -> str:
    """Return columns side by side, with a rule below the head."""
    lines = []
    for number, row in enumerate(zip(*columns, strict=True)):
        lines += wrapped(row, widths)
        if number == 0:
            lines.append(GAP.join("-" * width for width in widths))
    return "\n".join(lines)


def wrapped(row: Iterable[str], widths: list[int]) -> list[str]:
    """Return the lines of a row."""
    cells = [
        # A URI is easier to read when it is not cut at its dashes.
        textwrap.wrap(cell, width, break_on_hyphens=False)
        for cell, width in zip(row, widths, strict=True)
    ]
    return [
        GAP.join(
            (cell[line] if line < len(cell) else "").ljust(width)
            for cell, width in zip(cells, widths, strict=True)
        ).rstrip()
        for line in range(max(map(len, cells)))
    ]


def plain(text: str) -> str:
    """Return a text in one line, without what would steer the terminal."""
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def human(size: float) -> str:
    """Write a number of bytes for people: 4.2 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
