"""The project that a command is run in, and its environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

IMAGE_REQUIREMENTS = ["src/requirements.txt", "src/container/requirements.txt"]
REQUIREMENTS = [*IMAGE_REQUIREMENTS, "requirements-dev.txt"]
LOCK = "src/requirements.lock"

# Where the commands of the environment are.
BIN = Path(sys.executable).parent


def find_root() -> Path:
    """Return the root of the project: the nearest folder above with a mldock.json."""
    here = Path.cwd()
    return next(
        (folder for folder in (here, *here.parents) if (folder / "mldock.json").is_file()), here
    )


ROOT = find_root()


def find_uv() -> str:
    """Return the uv that is on PATH, or that of the environment."""
    found = shutil.which("uv") or shutil.which("uv", path=str(BIN))
    if not found:
        sys.exit("uv is not on PATH. Install it: pipx install uv")
    return found


def wait_for(*command: str) -> int:
    """Run a quiet command and return its exit code, telling now and then that it goes on."""
    on_terminal = sys.stdout.isatty()
    begun = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            while True:
                try:
                    code = process.wait(1 if on_terminal else 10)
                    break
                except subprocess.TimeoutExpired:
                    # On a terminal what comes next stands in its place.
                    end = "\r" if on_terminal else "\n"
                    print(f"  {time.monotonic() - begun:.0f} s", end=end, flush=True)
        except KeyboardInterrupt:
            # SIGTERM has reached this process alone.
            process.terminate()
            raise
    if on_terminal:
        print("\033[K", end="", flush=True)
    return code
