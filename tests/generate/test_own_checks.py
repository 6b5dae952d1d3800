"""A fresh project passes its own checks, and they find a fault that is put in."""

from __future__ import annotations

import subprocess
import sys
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


@pytest.fixture(scope="module", params=TEMPLATES, ids=TEMPLATES)
def project(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    torch_wheels: Path,
) -> Project:
    """Return a project of the template; its first session makes its environment."""
    path = tmp_path_factory.mktemp("projects") / "model"
    return generate_for_torch(path, torch_wheels, str(request.param))


def test_fresh_project(project: Project) -> None:
    """Format, style and types are as the project itself wants them, and its tests pass.

    Those of the image wait until they are asked for.
    """
    lint, tests = project.nox("lint"), project.nox("test")

    assert lint.returncode == 0, lint.stdout
    assert "Success: no issues found" in lint.stdout
    assert tests.returncode == 0, tests.stdout
    assert " passed, 2 deselected" in tests.stdout


@pytest.mark.parametrize("project", ["generic"], indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_lint_finds_a_fault(project: Project, fault: str) -> None:
    """A fault in the owner's code ends the session with an exit code that is not 0."""
    line, message = FAULTS[fault]
    trainer = project.path / "src" / "trainer.py"
    text = trainer.read_text("utf-8")
    trainer.write_text(f"{text}\n\n{line}", "utf-8")

    result = project.nox("lint")
    trainer.write_text(text, "utf-8")

    assert result.returncode != 0
    assert message in result.stdout
    assert "trainer.py" in result.stdout


@pytest.mark.parametrize("project", ["generic"], indirect=True)
def test_lint_fixes(project: Project) -> None:
    """`nox -s lint -- --fix` brings a file into shape, and changes no other."""
    trainer = project.path / "src" / "trainer.py"
    before = {name: (project.path / name).read_bytes() for name in sources(project)}
    trainer.write_bytes(before["src/trainer.py"].replace(b" = ", b"  =  "))

    result = project.nox("lint", "--fix")

    assert result.returncode == 0, result.stdout
    assert {name: (project.path / name).read_bytes() for name in sources(project)} == before


def test_dockerfile_and_executor(project: Project) -> None:
    """Hadolint finds nothing in the Dockerfile, and Shellcheck nothing in the entry point."""
    check(*HADOLINT, str(project.path / "src/container/Dockerfile"))
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
        timeout=300,
    )
    assert (result.returncode, result.stdout) == (0, "")
