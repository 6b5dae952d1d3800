"""Tells what a capture does at the moment: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from tqdm import tqdm

STEPS = 9

# Takes what is done next.
Progress = Callable[[str], None]


@contextmanager
def shown() -> Iterator[Progress]:
    """Show the steps on the error stream, which leaves the output to the report."""
    if not sys.stderr.isatty():
        yield lambda step: print(step, file=sys.stderr, flush=True)
        return
    with tqdm(total=STEPS, bar_format="{bar:20} {elapsed} {desc}", leave=False) as bar:
        steps = 0

        def begin(step: str) -> None:
            nonlocal steps
            bar.update(1 if steps else 0)
            bar.set_description_str(step)
            steps += 1

        yield begin


@contextmanager
def paused() -> Iterator[TextIO]:
    """Take the bar away while a person is asked, and yield where questions go."""
    with tqdm.external_write_mode(file=sys.stderr):
        yield sys.stderr


def silent(_: str) -> None:
    """Show nothing."""
