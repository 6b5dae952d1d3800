"""Commands run in a terminal of their own: what stands on its screen, and when each line came."""

from __future__ import annotations

import itertools
import os
import pty
import select
import shlex
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyte

# As wide as no line is: what the picture has no room for is cut there, with a mark.
WIDTH = 240
HEIGHT = 1000
# What prompt_toolkit prints once for each question, before the question.
QUESTION = b"\x1b[?2004h"
ENTER = b"\r"


@dataclass(frozen=True)
class Piece:
    """Characters that look the same; `color` is a name of the terminal's, such as `green`."""

    text: str
    color: str = "default"
    bold: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the screen, and the seconds from the start of its command until it came."""

    pieces: tuple[Piece, ...]
    moment: float

    @property
    def text(self) -> str:
        """What a person reads."""
        return "".join(piece.text for piece in self.pieces)


class Terminal:
    """A terminal in which one command runs.

    Attributes:
        command: As a person types it.
        screen: What stands on the screen.
        moments: When each line came, in seconds from the start.

    """

    def __init__(self, command: str, folder: Path, variables: Mapping[str, str]) -> None:
        self.command = command
        self.moments: list[float] = []
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.ByteStream(self.screen)
        self.terminal, other = pty.openpty()
        size = {"COLUMNS": str(WIDTH), "LINES": "40", "TERM": "xterm-256color"}
        # Else the library asks the terminal where its cursor is, and nobody answers.
        size["PROMPT_TOOLKIT_NO_CPR"] = "1"
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            shlex.split(command),
            cwd=folder,
            env={**variables, **size},
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)

    def read(self, seconds: float) -> bool:
        """Take what is printed within some seconds; False when nothing more can come."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            part = os.read(self.terminal, 65536)
        except OSError:
            # Linux says so when the last process that has the terminal has ended.
            return False
        self.stream.feed(part)
        now = time.monotonic() - self.started
        cursor = self.screen.cursor
        self.moments += [now] * (cursor.y + (cursor.x > 0) - len(self.moments))
        os.write(self.terminal, ENTER * part.count(QUESTION))
        return bool(part)

    def finish(self, limit: float) -> int:
        """Wait for the end, press Enter at each question, and return the exit code."""
        while self.read(0.2):
            if time.monotonic() - self.started > limit:
                self.process.terminate()
                raise TimeoutError(f"{self.command} has not ended after {limit:.0f} s")
        return self.process.wait()

    def lines(self) -> list[Line]:
        """Return what stands on the screen, without the empty lines at its end."""
        rows = [self.row(number) for number in range(len(self.moments))]
        while rows and not rows[-1].text:
            rows.pop()
        return rows

    def row(self, number: int) -> Line:
        """Return a line, its blanks at the end removed."""
        cells = [self.screen.buffer[number][column] for column in range(WIDTH)]
        while cells and cells[-1].data == " ":
            cells.pop()
        looks = itertools.groupby(cells, lambda cell: (cell.fg, cell.bold))
        pieces = [Piece("".join(cell.data for cell in run), *look) for look, run in looks]
        return Line(tuple(pieces), self.moments[number])
