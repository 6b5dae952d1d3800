"""Ctrl-C, SIGTERM and the end of the terminal: they end a command, or what it has started."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """A signal has asked the command to end; what catches Ctrl-C catches it too."""

    def __init__(self, number: int) -> None:
        self.number = number


def handle(handler: Callable[[int], object]) -> None:
    """Call `handler` for each of the signals that this process does not ignore."""
    for number in SIGNALS:
        # `nohup` lets a command outlive its terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: handler(number))


def interrupt(number: int) -> None:
    """End the command from where it is."""
    # A second signal ends it at once, without a traceback of what it was cleaning up.
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    raise Interrupted(number)


class Interrupts:
    """The signals since it was made, for what this command starts: that saves and ends by itself.

    Attributes:
        number: The first signal; 0 before it.
        count: How often the person has asked.

    """

    def __init__(self) -> None:
        self.number = self.count = 0
        self.last = self.next = 0.0
        handle(self.note)

    def note(self, number: int) -> None:
        """Keep the first signal, and count."""
        self.number = self.number or number
        # A terminal that is closed, or nox, may send several at once.
        self.count += time.monotonic() > self.last + 1
        self.last = time.monotonic()

    def pass_to(self, send: Callable[[int], object]) -> None:
        """Send the signal, and again each second: what is still starting does not hear it."""
        if self.number and time.monotonic() >= self.next:
            self.next = time.monotonic() + 1
            send(self.number)


def exit_code(code: int) -> int:
    """Return the exit code of a process as a shell reports it: 143 for one that SIGTERM killed."""
    return code if code >= 0 else 128 - code
