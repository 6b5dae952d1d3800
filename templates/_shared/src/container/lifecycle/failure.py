"""The failure file: why a training job failed, where SageMaker looks for it."""

from __future__ import annotations

import traceback

from container.lifecycle.environment import Environment
from container.lifecycle.errors import ContainerError


def describe(error: Exception) -> str:
    """Say in one line what failed."""
    return str(error) if isinstance(error, ContainerError) else f"{type(error).__name__}: {error}"


def write_failure(environment: Environment, error: Exception) -> None:
    """Write `output/failure`: the reason first, since 1024 characters count, then the traceback.

    The first of several failures is the cause, so a later one is added below it.
    """
    environment.output_dir.mkdir(parents=True, exist_ok=True)
    text = describe(error)
    if not isinstance(error, ContainerError):
        text += "\n\n" + "".join(traceback.format_exception(error))
    path = environment.output_dir / "failure"
    # A message may quote the name of a file that is no valid text.
    with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text.rstrip() + "\n")
