"""Following what SageMaker does: in place on a terminal, line by line elsewhere."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from mldock import ContainerError
from mldock.cli.deploy.sagemaker.account import told
from mldock.cli.deploy.sagemaker.logs import Logs

Answer = dict[str, Any]

# Seconds between two questions: the first answers come at once, jobs take long.
FIRST, GROWTH, LONGEST = 0.2, 1.5, 10.0


class Progress:
    """The last step of a job, with the log above it."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.steps: list[str] = []
        self.start = time.monotonic()

    def show(self, steps: list[str]) -> None:
        """Tell the steps that are new."""
        if not self.live:
            for number, step in enumerate(steps):
                if self.steps[number : number + 1] != [step]:
                    print(step, flush=True)
        self.steps = steps
        self.draw()

    def line(self, text: str) -> None:
        """Print a line of the log."""
        self.clear()
        print(text, flush=True)

    def draw(self) -> None:
        """Write the last step and the time so far over what stands there."""
        if self.live and self.steps:
            minutes, seconds = divmod(int(time.monotonic() - self.start), 60)
            text = f"{minutes}:{seconds:02} {self.steps[-1]}"
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:width]}", end="", flush=True)

    def clear(self) -> None:
        """Take the step away from the terminal."""
        if self.live:
            print("\r\x1b[K", end="", flush=True)

    def pause(self, seconds: float) -> None:
        """Wait, while the time goes on."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            self.draw()
            time.sleep(min(rest, 1.0))


def follow(
    describe: Callable[[], Answer],
    is_over: Callable[[Answer], bool],
    steps: Callable[[Answer], list[str]],
    logs: Logs | None = None,
    *,
    read: Callable[[str], None] = lambda _: None,
    left: Callable[[], str],
) -> Answer:
    """Ask until it is over, telling what happens, and return the last answer.

    Args:
        describe: Asks SageMaker.
        is_over: Says whether an answer is the last.
        steps: Says what an answer means.
        logs: The log that is printed meanwhile.
        read: Takes each line of it.
        left: Says what goes on when the person does not wait any longer.

    Raises:
        ContainerError: Ctrl-C or SIGTERM, or AWS answers no more; SageMaker goes on all the same.

    """
    progress = Progress()
    try:
        with as_interrupt(signal.SIGTERM):
            for seconds in intervals():
                answer = describe()
                progress.show(steps(answer))
                # After the question, so that the log of one that has ended is complete.
                for line in logs.new() if logs else ():
                    read(line)
                    progress.line(line)
                if is_over(answer):
                    return answer
                progress.pause(seconds)
    except KeyboardInterrupt as error:
        raise ContainerError(left()) from error
    except (ClientError, BotoCoreError) as error:
        raise ContainerError(f"{told(error)}\n{left()}") from error
    finally:
        progress.clear()
    raise AssertionError("intervals() has no end")


def intervals() -> Iterator[float]:
    """Yield the seconds to wait, more and more of them."""
    seconds = FIRST
    while True:
        yield seconds
        seconds = min(seconds * GROWTH, LONGEST)


@contextmanager
def as_interrupt(number: signal.Signals) -> Iterator[None]:
    """Treat a signal as Ctrl-C."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)
