"""A project, and runs that it has had."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.runs import write
from tests.project import Project, generate


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project that can reach S3."""
    return generate(tmp_path_factory.mktemp("report") / "iris", template="generic", storage="s3")


@pytest.fixture
def project(made: Project) -> Iterator[Project]:
    """Return the project; after the test it has no runs."""
    before = (made.path / "mldock.json").read_bytes()
    yield made
    shutil.rmtree(made.path / ".mldock", ignore_errors=True)
    (made.path / "mldock.json").write_bytes(before)


@pytest.fixture
def runs(project: Project) -> Path:
    """Return the folder of the runs of this machine."""
    folder = project.path / ".mldock/output/data/runs"
    write(folder)
    return folder
