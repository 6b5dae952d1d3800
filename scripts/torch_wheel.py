"""A wheel of torch for the CPU, where the index that PyTorch projects use is out of reach.

uv takes torch from the index of CPU builds. Behind a firewall pip may still find such a build by
its own configuration; in `wheels/` a project prefers it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TORCH = "torch==2.13.0"


def provide(folder: Path) -> list[Path]:
    """Put a wheel for this Python into a folder, unless uv reaches the index of CPU builds.

    Returns:
        The wheel, or nothing.

    Raises:
        SystemExit: Neither uv nor pip finds a build for the CPU.

    """
    uv = [sys.executable, "-m", "uv", "pip", "compile", "--no-config", "--no-deps"]
    command = [*uv, "--torch-backend", "cpu", "-"]
    if not subprocess.run(command, input=TORCH, text=True, capture_output=True).returncode:
        return []
    print(f"uv does not reach the index of CPU builds; asking pip for {TORCH}.")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    code = subprocess.run([*pip, "--dest", str(folder), TORCH]).returncode
    wheels = list(folder.glob("torch-*+cpu-*.whl"))
    if code or not wheels:
        sys.exit(f"pip finds no build of {TORCH} for the CPU. Try another template.")
    return wheels
