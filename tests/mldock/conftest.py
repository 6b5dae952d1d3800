"""Old projects, and what they become; each is converted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.converting.conversion import Conversion, converted
from extensions.reporting.progress import silent
from tests.capture.trees import build
from tests.generate.repository import Repository, copy_templates
from tests.mldock.generations import CONFIG, GENERATIONS


@pytest.fixture(scope="package")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a repository of the templates as they are now."""
    return copy_templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="package")
def old_projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Repository]:
    """Return a project of each generation."""
    folder = tmp_path_factory.mktemp("old")
    made = {name: build(folder / name, files) for name, files in GENERATIONS.items()}
    # On the machine of its owner, and not in git.
    machine = made["C"].path / ".mldock"
    machine.mkdir()
    (machine / "config").write_text(CONFIG, "utf-8")
    (made["C"].path / ".git" / "info" / "exclude").write_text(".mldock\n", "utf-8")
    return made


@pytest.fixture(scope="package")
def conversions(
    templates: Repository, old_projects: dict[str, Repository]
) -> dict[str, Conversion]:
    """Return what each of them becomes, beside it."""
    return {name: convert(templates, old.path) for name, old in old_projects.items()}


def convert(templates: Repository, path: Path, **given: str) -> Conversion:
    """Convert a project."""
    with converted(path, None, given, templates.path, silent) as conversion:
        return conversion
