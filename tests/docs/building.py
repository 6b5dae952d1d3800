"""Building the site as `nox -s docs` does, into a folder of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def build(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build a site strictly."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", *options],
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
