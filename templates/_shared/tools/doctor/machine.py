"""What the sessions need of this machine: Python as in the image, and an engine for --docker."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator

from tools.doctor.findings import Finding
from tools.environment import project_python, version_of


def check() -> Iterator[Finding]:
    """Yield what is missing."""
    yield from check_python()
    yield from check_engine()


def check_python() -> Iterator[Finding]:
    """Yield what is wrong with the Python that mldock.json names."""
    try:
        version = project_python()
    except SystemExit as error:
        what, _, remedy = str(error.code).rpartition(". ")
        yield Finding("error", what, remedy)
        return
    here = version_of(sys.executable)
    found = shutil.which(f"python{version}")
    if version != here and not (found and version_of(found) == version):
        yield Finding(
            "warning",
            f"This machine has no Python {version}, which the image has; sessions take {here}",
            f"Install Python {version}, or change python_version in mldock.json.",
        )


def check_engine() -> Iterator[Finding]:
    """Yield why `--docker` would not work."""
    remedy = "Without it all works but --docker and nox -s build."
    if not shutil.which("docker"):
        what = "There is no docker command"
        yield Finding("warning", what, f"Install Docker Engine, with buildx. {remedy}")
    elif subprocess.run(["docker", "version"], capture_output=True).returncode:
        yield Finding("warning", "No Docker engine answers", f"Start Docker. {remedy}")
