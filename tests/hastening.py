"""Two things that Copier does for each file of a copy, and hundreds of copies need but once.

While all processors are busy, a copy takes six seconds with them and one without. Other tests run
the command `copier`, which does both.
"""

from __future__ import annotations

from typing import Any

from copier._main import Worker
from jinja2 import Environment

COMPILE: Any = Environment.compile
COMPILED: dict[tuple[object, ...], Any] = {}


def hasten() -> None:
    """Hasten the copies of this process."""
    # It asks git for `core.fileMode`, with a program for each file, and does something on Windows.
    Worker._sync_git_index_executable_bit = lambda *_: None  # type: ignore[method-assign]
    Environment.compile = compiled  # type: ignore[method-assign,assignment]


def compiled(environment: Environment, source: object, *options: object, **more: object) -> Any:
    """Return the code of a text, compiled once; it is that of the path above for many files."""
    if not isinstance(source, str):
        return COMPILE(environment, source, *options, **more)
    syntax = (environment.block_start_string, environment.variable_start_string)
    also = (environment.keep_trailing_newline, *sorted(environment.extensions))
    key = (source, *syntax, *also, options, *sorted(more.items()))
    if key not in COMPILED:
        COMPILED[key] = COMPILE(environment, source, *options, **more)
    return COMPILED[key]
