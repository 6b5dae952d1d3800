"""`.env`: the variables of a run that no file under version control may hold."""

from __future__ import annotations

import io
import os
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from mldock import ContainerError
from mldock.cli.environment import ROOT

PATH = ROOT / ".env"

# Editors read some of these from .env too; they tell of this machine, not of a run.
MACHINE = {"HOME", "PATH", "PYTHONHOME", "PYTHONPATH"}


def read_env_file(path: Path = PATH) -> dict[str, str]:
    """Return the variables that `.env` names; this process's own values take precedence.

    A value is what stands there: `$` has no meaning in a password.

    Raises:
        ContainerError: A line is no `NAME=VALUE`; the message says where, never what it says.

    """
    # Older tools make a virtual environment of this name.
    if not path.exists() or path.is_dir():
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ContainerError(f"{path} cannot be read: {reason}. Correct or remove it.") from None
    for line in parse_stream(io.StringIO(text)):
        if line.error or (line.key and line.value is None) or "\0" in line.original.string:
            # A statement begins after the blank lines above it.
            blank = line.original.string[: -len(line.original.string.lstrip())].count("\n")
            raise ContainerError(
                f"{path}, line {line.original.line + blank} is not NAME=VALUE. Correct it; "
                "quote a value with blanks, # or quotes."
            )
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {
        name: os.environ.get(name, value or "")
        for name, value in values.items()
        if name not in MACHINE
    }
