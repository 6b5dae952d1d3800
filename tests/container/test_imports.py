"""The build of an image ends where something is missing, and says what to add."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.container.conftest import LABEL
from tests.engine import engine
from tests.project import Project, generate

pytestmark = pytest.mark.docker


def build(project: Project) -> subprocess.CompletedProcess[str]:
    """Build the image of a project."""
    return project.nox("build", "--no-lock", "--label", LABEL, "--progress", "plain")


def test_system_packages(tmp_path: Path) -> None:
    """A library that a wheel leaves to the system: its package goes into src/apt.txt.

    LightGBM's wheel wants libgomp, which Python's images do not have.
    """
    name = f"mldock-test-boosting-{LABEL[-8:]}"
    project = generate(tmp_path / name, template="generic")
    for file, text in (("requirements.txt", "lightgbm"), ("trainer.py", "import lightgbm")):
        with (project.path / "src" / file).open("a", encoding="utf-8") as opened:
            opened.write(f"{text}\n")
    packages = project.path / "src" / "apt.txt"

    without = build(project)
    packages.write_text("libgomp1\nno-such-package\n", "utf-8")
    misspelt = build(project)
    packages.write_bytes(b"# Ours, from Windows.\r\n\r\nlibgomp1  # LightGBM\r\n  tini\r\n")
    whole = build(project)

    assert without.returncode != 0
    reason = "libgomp.so.1 is not in the image, and lightgbm needs it: add libgomp1 to src/apt.txt."
    assert reason in without.stdout
    assert "Traceback" not in without.stdout
    assert misspelt.returncode != 0
    assert "E: Unable to locate package no-such-package" in misspelt.stdout
    assert whole.returncode == 0, whole.stdout
    engine().images.remove(f"{name}:latest", force=True)
