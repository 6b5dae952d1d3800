"""Lines of a terminal as a picture: each comes when it came, with the long waits cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from wcwidth import wcswidth

from scripts.terminal.recording import Line, Piece
from scripts.terminal.steps import MARK

COLUMNS = 92
# Of a character, in the picture's own unit; fonts differ, so each piece is told how long it is.
ADVANCE = 8.4
LEADING = 19
MARGIN = 18
BAR = 30
# Seconds: the longest wait that is kept, and the one after a command has been typed.
LONGEST = 0.9
TYPED = 0.7
WIDE = re.compile("([\U0001f000-\U0001ffff])")
COLORS = {
    "default": "#d8dee9",
    "dim": "#8b949e",
    "red": "#ff7b72",
    "green": "#7ee787",
    "brown": "#e3b341",
    "blue": "#79c0ff",
    "magenta": "#d2a8ff",
    "cyan": "#76e3ea",
    "white": "#f0f6fc",
}
STYLE = """
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}
.b{font-weight:bold}
.l{animation:come 1ms both}
@keyframes come{from{opacity:0}to{opacity:1}}
@media (prefers-reduced-motion:reduce){.l{animation:none}}
"""


def draw(lines: Sequence[Line], title: str) -> str:
    """Return the picture. Whoever does not want things to move sees the last line at once."""
    width = round(COLUMNS * ADVANCE + 2 * MARGIN)
    height = BAR + len(lines) * LEADING + MARGIN
    rows = [
        f'<g class="l" style="animation-delay:{delay:.2f}s">{row(line, number)}</g>'
        for number, (line, delay) in enumerate(zip(lines, delays(lines), strict=True))
    ]
    circles = [
        f'<circle cx="{MARGIN + 18 * number}" cy="17" r="5.5" fill="#484f58"/>'
        for number in range(3)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" aria-labelledby="t">',
            f'<title id="t">{escape(title)}</title>',
            f"<style>{STYLE}{palette()}</style>",
            f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
            *circles,
            *rows,
            "</svg>",
            "",
        ]
    )


def palette() -> str:
    """Return a class for each color."""
    return "\n".join(f".{name}{{fill:{color}}}" for name, color in COLORS.items())


def row(line: Line, number: int) -> str:
    """Return the text of a line."""
    baseline = BAR + MARGIN + number * LEADING
    spans, column = [], 0
    for piece in fitting(line):
        length = wcswidth(piece.text)
        look = f"{piece.color if piece.color in COLORS else 'default'}{' b' if piece.bold else ''}"
        place = f'x="{MARGIN + column * ADVANCE:.1f}" textLength="{length * ADVANCE:.1f}"'
        spans.append(f'<tspan {place} class="{look}">{escape(piece.text)}</tspan>')
        column += length
    return f'<text y="{baseline}">{"".join(spans)}</text>'


def fitting(line: Line) -> Iterator[Piece]:
    """Cut a line that is too long, with a mark; a wide character is a piece of its own."""
    pieces = [
        Piece(text, piece.color, piece.bold)
        for piece in line.pieces
        for text in filter(None, WIDE.split(piece.text))
    ]
    room = COLUMNS if sum(wcswidth(piece.text) for piece in pieces) <= COLUMNS else COLUMNS - 1
    for piece in pieces:
        kept = piece.text[:room]
        room -= wcswidth(kept)
        if kept:
            yield Piece(kept, piece.color, piece.bold)
        if kept != piece.text:
            yield Piece(MARK, "dim")
            return


def delays(lines: Sequence[Line]) -> Iterator[float]:
    """Return when each line comes, in seconds from the start."""
    now, last = 0.3, 0.0
    for line in lines:
        if line.text.startswith("$ "):
            last = 0.0
            yield now
            now += TYPED
        else:
            now += min(max(line.moment - last, 0.0), LONGEST)
            last = line.moment
            yield now


def read(picture: str) -> list[str]:
    """Return the lines of a picture."""
    texts = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()) for text in texts]
