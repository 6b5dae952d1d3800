"""A wheel of torch for the CPU, where the index that PyTorch projects use is out of reach.

uv takes torch from the index of CPU builds. Behind a firewall pip may still find such a build by
its own configuration; in `wheels/` a project prefers it.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

TORCH = "torch==2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def provide(wheels: Path) -> None:
    """Put a wheel for this Python into a folder, unless the index can be reached.

    Raises:
        SystemExit: Neither the index nor pip has a build for the CPU.

    """
    try:
        with urllib.request.urlopen(f"{CPU_INDEX}/torch/", timeout=10):
            return
    except OSError as error:
        print(f"{CPU_INDEX} cannot be reached ({error}); asking pip for {TORCH}.")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    code = subprocess.run([*pip, "--dest", str(wheels), TORCH]).returncode
    if code or not list(wheels.glob("torch-*+cpu-*.whl")):
        sys.exit(f"pip finds no build of {TORCH} for the CPU either. Put one into {wheels}.")
