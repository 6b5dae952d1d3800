"""How far a transfer is: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import logging
import shutil
import sys
import threading
from typing import NoReturn

from tqdm import tqdm

log = logging.getLogger(__name__)

# Between two lines of a log.
SECONDS = 10.0

LINE = "{desc}: {n_fmt} of {total_fmt}B, {rate_fmt}, {remaining} left"
BAR = LINE.replace("{desc}:", "{desc}: {percentage:3.0f}%|{bar}|")


class Progress:
    """The bytes of a transfer that have moved, counted by several threads."""

    def __init__(self, title: str, total: int) -> None:
        on_terminal = sys.stderr.isatty()
        self.lock = threading.Lock()
        self.bar: tqdm[NoReturn] = tqdm(
            desc=title,
            total=total,
            unit="B",
            unit_scale=True,
            leave=False,
            # Engines give terminals that tell no size, on which tqdm by itself shows nothing.
            ncols=shutil.get_terminal_size().columns - 1 if on_terminal else None,
            nrows=24,
            file=sys.stderr if on_terminal else LogLines(),
            bar_format=BAR if on_terminal else LINE,
            mininterval=0.1 if on_terminal else SECONDS,
            # What takes no time needs no word.
            delay=0.5 if on_terminal else SECONDS,
            miniters=1,
        )

    def advance(self, count: int) -> None:
        """Note how many bytes more have moved; a part that has to be moved again counts back."""
        with self.lock:
            self.bar.update(count)

    def close(self) -> None:
        """Take the bar away."""
        with self.lock:
            self.bar.close()


class LogLines:
    """Writes what tqdm draws as lines of the log."""

    def write(self, text: str) -> None:
        """Log what is more than the end of a line."""
        if line := text.strip():
            log.info(line)

    def flush(self) -> None:
        """Have nothing to flush: a log needs none."""
