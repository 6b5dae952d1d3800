"""The two ways a container ends early, and how both are described."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # `import mldock` does without pydantic, which takes most of the time that it would need.
    from pydantic import ValidationError


class ContainerError(Exception):
    """A failure that the user can correct; raise it in your own code too.

    Its message says what is wrong, where, and what to do next. It is the first line of
    `output/failure` and of the log, without a traceback.
    """


class StopRequested(BaseException):
    """The platform has asked the container to stop, by SIGTERM.

    It is raised in the trainer's main thread. It is not an `Exception`, so that a trainer's own
    `except Exception` does not swallow it. Catch it to save something, then raise it again: the
    trainer has two thirds of `Environment.stop_grace`.
    """


def format_validation_errors(error: ValidationError) -> str:
    """Say what is wrong with values, each with its place and what it is instead."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}, not {fault['input']!r}"
        for fault in error.errors()
    )


def format_error(error: BaseException) -> str:
    """Say in one line what failed."""
    told = str(error) if isinstance(error, ContainerError) else f"{type(error).__name__}: {error}"
    return " ".join(told.split())


@contextmanager
def error_context(what: str) -> Iterator[None]:
    """Put before what fails inside what it was about: the channel and its URI."""
    try:
        yield
    # What a client says names neither the channel nor, often, the bucket.
    except Exception as error:
        raise ContainerError(f"{what}: {format_error(error)}") from error
