"""Running `executor.sh` without Docker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from mldock.cli.env_file import read_env_file
from mldock.cli.environment import BIN, ROOT
from mldock.cli.workspace import BASE_DIR

EXECUTOR = ROOT / "src" / "container" / "executor.sh"


def start_executor(name: str, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `executor.sh train` or `serve` under `.mldock/`, in a session of its own.

    Ctrl-C then reaches only the caller, which passes it on once.
    """
    environment = {
        **os.environ,
        **read_env_file(),
        **variables,
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "MLDOCK_BASE_DIR": str(BASE_DIR),
        "PYTHONUNBUFFERED": "1",
    }
    print(f"Starting {EXECUTOR.relative_to(ROOT)} {name}.", file=sys.stderr, flush=True)
    return subprocess.Popen(
        # By bash, since a checkout may have lost the bit that makes it executable.
        ["bash", EXECUTOR, name],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
