"""What Copier finds around it while it renders: no git, nobody to ask, and a faster Jinja."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from plumbum import local


@contextmanager
def without_git() -> Iterator[None]:
    """Let Copier find no git.

    Before a project is under version control, git has nothing to say about it; but Copier would
    start it for each file that it writes, which takes longer than all else.
    """
    with tempfile.TemporaryDirectory(prefix="no-git-") as empty, local.env(PATH=empty):
        yield


@contextmanager
def nobody_there() -> Iterator[None]:
    """Let Copier fail where it would ask, on a terminal too."""
    terminal = sys.stdin
    with Path(os.devnull).open() as nothing:
        sys.stdin = nothing
        try:
            yield
        finally:
            sys.stdin = terminal


@contextmanager
def constant_names() -> Iterator[None]:
    """Let Jinja compile no text in which it has nothing to do.

    Copier has it compile each part of each path, and the name of the answers file once more for
    each of them: two thirds of the time, where files are many.
    """
    compiling = Environment.from_string

    def from_string(self: Environment, source: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(source, str) or not is_constant(self, source):
            return compiling(self, source, *arguments, **options)
        # Extensions count on seeing each text.
        self.preprocess(source)
        return Constant(source)

    Environment.from_string = from_string  # type: ignore[method-assign]
    try:
        yield
    finally:
        Environment.from_string = compiling  # type: ignore[method-assign]


class Constant(Template):
    """A template that is a text."""

    def __new__(cls, _: str) -> Constant:
        """Make one without an environment of its own."""
        return object.__new__(cls)

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, *_: Any, **__: Any) -> str:
        """Return the text."""
        return self._text


def is_constant(environment: Environment, text: str) -> bool:
    """Say whether a text renders to itself, whatever the answers are."""
    if environment.line_statement_prefix or environment.line_comment_prefix:
        return False
    begins = (
        environment.block_start_string,
        environment.variable_start_string,
        environment.comment_start_string,
    )
    # Ends of lines become the environment's.
    return not any(mark in text for mark in (*begins, "\n", "\r"))
