"""What the tests of this folder share."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.generate.conftest import _nobodys_settings  # noqa: F401
from tests.generate.repository import Repository, own, repository_files, run_copier
from tests.project import ROOT, Project
from tests.secrets.conftest import no_image_stays, word  # noqa: F401

REQUIREMENTS = "src/container/requirements.txt"
ANSWERS = ".copier-answers.yml"


# What the package and the smallest template are made of: Copier takes seconds to clone the rest.
NEEDED = re.compile(
    r"(copier\.yml|pyproject\.toml|LICENSE|README\.md)$|src/|templates/"
    r"([a-z]+\.yml$|_questions/|_shared/|generic/|sklearn/src/container)"
)


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return the templates in a folder that has a blank and an umlaut in its name."""
    path = tmp_path_factory.mktemp("source") / "große vorlagen"
    for name in filter(NEEDED.match, repository_files()):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, path / name, follow_symlinks=False)
    return own(path)


@pytest.fixture
def templates(committed: Repository, tmp_path: Path) -> Repository:
    """Return templates that a test may change or remove."""
    return committed.clone(tmp_path / "die vorlagen")


def copy(source: str, path: Path, *options: str, **variables: str) -> tuple[Project, str]:
    """Run `copier copy` and return the project, and what was printed."""
    arguments = ["copy", "--defaults", "--data", "template=generic", *options, source, str(path)]
    result = run_copier(*arguments, **variables)
    assert result.returncode == 0, result.stdout
    return Project(path), result.stdout


def line(project: Project) -> str:
    """Return the one line that names mldock-runtime, of all files of a project."""
    command = ["grep", "-rhE", "--exclude-dir=.git", "--include=*.txt", "--include=*.lock"]
    command += ["--include=*.toml", "^ *['\"]?mldock", str(project.path)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    (found,) = result.stdout.splitlines()
    return found


def replace_line(project: Project, requirement: str) -> None:
    """Write another line for mldock-runtime."""
    path = project.path / REQUIREMENTS
    text = re.sub(r"(?m)^mldock-runtime.*$", lambda _: requirement, path.read_text("utf-8"))
    path.write_text(text, "utf-8")


def wheels(project: Project, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `nox -s wheels`, which makes no environment."""
    return project.nox("wheels", *options, timeout=600, **variables)


def built(project: Project) -> list[str]:
    """Return the folders of wheels/ that hold mldock-runtime."""
    found = (project.path / "wheels").rglob("mldock_runtime-*.whl")
    return [str(path.parent.relative_to(project.path / "wheels")) for path in found]
