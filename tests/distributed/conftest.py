"""Projects with an environment, and jobs that leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.distributed.job import Job
from tests.project import Project, generate_for_torch

MakeJob = Callable[..., Job]


def make_project(folder: Path, wheels: Path, template: str) -> Path:
    """Make a project and its environment."""
    path = generate_for_torch(folder / template, wheels, template).path
    result = Project(path).nox("schema")
    assert result.returncode == 0, result.stdout
    return path


@pytest.fixture(scope="session")
def pytorch(tmp_path_factory: pytest.TempPathFactory, torch_wheels: Path) -> Path:
    """Return a project whose network computes so exactly that the order of sums does not count."""
    path = make_project(tmp_path_factory.mktemp("projects"), torch_wheels, "pytorch")
    network = path / "src" / "network.py"
    text = network.read_text("utf-8")
    for here, there in (
        # Each process draws other numbers for it.
        ("Dropout(0.25)", "Dropout(0)"),
        # Adam divides by the size of gradients, so also by that of a rounding error.
        ("** 2, DIGITS),\n        )\n", "** 2, DIGITS),\n        ).double()\n"),
        ("self.layers(pixels / DARKEST)", "self.layers(pixels.double() / DARKEST)"),
    ):
        assert text.count(here) == 1
        text = text.replace(here, there)
    network.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="session")
def sklearn(tmp_path_factory: pytest.TempPathFactory, torch_wheels: Path) -> Path:
    """Return a project as it is made."""
    return make_project(tmp_path_factory.mktemp("projects"), torch_wheels, "sklearn")


@pytest.fixture
def make_job(tmp_path: Path) -> Iterator[MakeJob]:
    """Return what makes a job; it is ended with the test."""
    jobs: list[Job] = []

    def make(project: Path, count: int, variables: Any = None, **hyperparameters: object) -> Job:
        job = Job(project, tmp_path / str(len(jobs)), count, hyperparameters, dict(variables or {}))
        jobs.append(job)
        return job

    yield make
    for job in jobs:
        job.end()
