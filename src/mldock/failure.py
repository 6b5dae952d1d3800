"""The failure file: why a training job failed, where SageMaker looks for it."""

from __future__ import annotations

import logging
import traceback
from contextlib import suppress
from pathlib import Path

from mldock.environment import Environment
from mldock.errors import ContainerError, format_error
from mldock.logs import redact

log = logging.getLogger("train")


def failure_file(environment: Environment) -> Path:
    """Return the path of the failure file."""
    return environment.output_dir / "failure"


def reserve(environment: Environment) -> None:
    """Keep a block of the disk free, so that a full disk can still be told."""
    with suppress(OSError):
        environment.output_dir.mkdir(parents=True, exist_ok=True)
        reserved(environment).write_bytes(bytes(4096))


def release(environment: Environment) -> None:
    """Give the block back."""
    with suppress(OSError):
        reserved(environment).unlink(missing_ok=True)


def reserved(environment: Environment) -> Path:
    """Return the path of the block."""
    return environment.output_dir / ".reserved"


def read_reason(environment: Environment) -> str | None:
    """Return the first line of the failure file; None without one."""
    return next(iter(read_lines(environment)), None)


def read_lines(environment: Environment) -> list[str]:
    """Return the lines of the failure file, which a trainer may have written too, in any bytes."""
    try:
        path = failure_file(environment)
        # A pipe would be read without end.
        content = path.read_bytes() if path.is_file() else b""
    except OSError:
        return []
    return content.decode(errors="replace").splitlines()


def report(environment: Environment, error: BaseException) -> None:
    """Say what failed in the log and in the failure file, once for all steps that it fails."""
    text = redact(format_error(error))
    told = "\n".join(["", *read_lines(environment), ""])
    if "\n".join(["", *text.encode(errors="backslashreplace").decode().splitlines(), ""]) in told:
        return
    log.error("%s", format_error(error), exc_info=None if told_well(error) else error)
    try:
        write_failure(environment, error)
    except OSError as unwritable:
        log.error("the reason cannot be written: %s", unwritable)


def write_failure(environment: Environment, error: BaseException) -> None:
    """Write `output/failure`: the reason first, since 1024 characters count, then the traceback.

    The first of several failures is the cause, so a later one is added below it.
    """
    release(environment)
    environment.output_dir.mkdir(parents=True, exist_ok=True)
    text = format_error(error)
    if not told_well(error):
        text += "\n\n" + "".join(traceback.format_exception(error))
    # A message may quote the name of a file that is no valid text.
    with failure_file(environment).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(redact(text.rstrip()) + "\n")


def told_well(error: BaseException) -> bool:
    """Say whether the message alone tells what a person needs to know."""
    return isinstance(error, ContainerError)
