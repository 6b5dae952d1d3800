"""The two ways a container ends early, and how both are described."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # `import mldock` does without pydantic, which takes most of the time that it would need.
    from pydantic import ValidationError


class ContainerError(Exception):
    """A failure told to the person who runs the container.

    The message says what is wrong, where, and what to do next; it needs no traceback.
    """


class StopRequested(BaseException):
    """The platform asked the container to stop (SIGTERM).

    Raised in the main thread wherever the trainer is. Not an `Exception`, so that a trainer's own
    `except Exception` does not swallow it. Catch it to save something, then raise it again.
    """


def faults(error: ValidationError) -> str:
    """Say what is wrong with values, each with its place and what it is instead."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}, not {fault['input']!r}"
        for fault in error.errors()
    )


def describe(error: BaseException) -> str:
    """Say in one line what failed."""
    told = str(error) if isinstance(error, ContainerError) else f"{type(error).__name__}: {error}"
    return " ".join(told.split())


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Put before what fails inside what it was about: the channel and its URI."""
    try:
        yield
    # What a client says names neither the channel nor, often, the bucket.
    except Exception as error:
        raise ContainerError(f"{what}: {describe(error)}") from error
