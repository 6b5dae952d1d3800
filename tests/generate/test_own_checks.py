"""A fresh project passes its own checks, and they find a fault that is put in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import TEMPLATES, Project, generate_for_torch

# Debian keeps one version of a package in a release, and removes it at the next security fix: a
# pinned one would not build for long (DL3008).
HADOLINT = ["hadolint", "--no-color", "--ignore", "DL3008"]

# All rules but the one that wants braces around every variable (SC2250).
SHELLCHECK = ["shellcheck", "--enable", "all", "--exclude", "SC2250"]

FAULTS = {
    "format": ("ANSWER = {'a':1}\n", "1 file would be reformatted"),
    "style": ("import os\n", "F401"),
    "types": ('ANSWER: int = "many"\n', "[assignment]"),
}


@pytest.fixture(scope="module", params=TEMPLATES)
def project(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    torch_wheels: Path,
) -> Project:
    """Return a project of the template; its first session makes its environment."""
    path = tmp_path_factory.mktemp("projects") / "model"
    return generate_for_torch(path, torch_wheels, str(request.param))


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, project: Project) -> Iterator[str]:
    """Put a fault into the trainer for a while, and return what finds it."""
    line, message = FAULTS[request.param]
    trainer = project.path / "src" / "trainer.py"
    text = trainer.read_text("utf-8")
    trainer.write_text(f"{text}\n\n{line}", "utf-8")
    yield message
    trainer.write_text(text, "utf-8")


def test_lint(project: Project) -> None:
    """Format, style and types are as the project itself wants them, before anybody has edited."""
    result = project.nox("lint")

    assert result.returncode == 0, result.stdout
    assert "Success: no issues found" in result.stdout


def test_test(project: Project) -> None:
    """All tests of the project pass; those of the image wait until they are asked for."""
    result = project.nox("test")

    assert result.returncode == 0, result.stdout
    assert " passed, 3 deselected" in result.stdout


def test_lint_finds_a_fault(project: Project, fault: str) -> None:
    """A fault in the owner's code ends the session with an exit code that is not 0."""
    result = project.nox("lint")

    assert result.returncode != 0
    assert fault in result.stdout
    assert "trainer.py" in result.stdout


def test_lint_mends(project: Project) -> None:
    """`nox -s lint -- --fix` brings a file into shape, and changes no other."""
    trainer = project.path / "src" / "trainer.py"
    before = {name: (project.path / name).read_bytes() for name in sources(project)}
    trainer.write_bytes(before["src/trainer.py"].replace(b" = ", b"  =  "))

    result = project.nox("lint", "--fix")

    assert result.returncode == 0, result.stdout
    assert {name: (project.path / name).read_bytes() for name in sources(project)} == before


def test_dockerfile(project: Project) -> None:
    """Hadolint finds nothing in the Dockerfile."""
    check(*HADOLINT, str(project.path / "src/container/Dockerfile"))


def test_executor(project: Project) -> None:
    """Shellcheck finds nothing in the entry point."""
    check(*SHELLCHECK, str(project.path / "src/container/executor.sh"))


def sources(project: Project) -> list[str]:
    """Return the Python files of the project, without its environment."""
    return [name for name in project.files() if name.endswith(".py") and not name.startswith(".")]


def check(command: str, *arguments: str) -> None:
    """Run a tool that is installed beside this Python, and expect it to find nothing."""
    tool = Path(sys.executable).with_name(command)
    result = subprocess.run(
        [tool, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert (result.returncode, result.stdout) == (0, "")
