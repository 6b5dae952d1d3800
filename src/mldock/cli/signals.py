"""Ctrl-C, SIGTERM and the end of the terminal: what runs saves its results and ends by itself."""

from __future__ import annotations

import signal
from collections.abc import Callable


def on_interrupt(stop: Callable[[], object]) -> None:
    """Call `stop` instead of ending this process, which waits for the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop())
