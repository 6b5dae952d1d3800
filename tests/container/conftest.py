"""The image of each template, built once, with the project that it belongs to."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests.project import TEMPLATES, Project, generate_for_torch

# What this run of the tests makes, and so what it removes.
LABEL = f"mldock.test={uuid.uuid4().hex}"


@dataclass
class Image:
    """A built image, and how a platform runs it."""

    name: str
    template: str
    project: Project

    def start(
        self,
        command: str | None,
        base_dir: Path | None = None,
        trainer: Path | None = None,
        **options: Any,
    ) -> Container:
        """Start a container with `/opt/ml` at `base_dir`; it is removed after the test."""
        volumes = {str(base_dir): {"bind": "/opt/ml"}} if base_dir else {}
        if trainer:
            volumes[str(trainer)] = {"bind": "/app/src/trainer.py", "mode": "ro"}
        return docker.from_env().containers.run(
            self.name,
            command,
            detach=True,
            labels=dict([LABEL.split("=")]),
            volumes=volumes,
            **options,
        )

    def make_base_dir(self, path: Path, channels: bool = True) -> Path:
        """Return a directory as SageMaker prepares `/opt/ml`."""
        for name in ("input/config", "model", "output"):
            (path / name).mkdir(parents=True)
        if channels:
            shutil.copytree(self.project.path / "data", path / "input" / "data")
        return path


@pytest.fixture(scope="session", params=TEMPLATES)
def image(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    torch_wheels: Path,
) -> Iterator[Image]:
    """Return the image that `nox -s build` makes of a fresh project; it is removed at the end."""
    template = str(request.param)
    path = tmp_path_factory.mktemp(template) / f"mldock-test-{template}-{LABEL[-8:]}"
    project = generate_for_torch(path, torch_wheels, template)
    result = project.nox("build", "--label", LABEL)
    assert result.returncode == 0, result.stdout
    yield Image(f"{project.path.name}:latest", template, project)
    images = docker.from_env().images
    images.remove(f"{project.path.name}:latest", force=True)
    # Those that a later build has taken the name from.
    images.prune(filters={"label": LABEL, "dangling": True})


@pytest.fixture(autouse=True)
def no_container_stays() -> Iterator[None]:
    """Remove the containers that a test has started."""
    yield
    for container in docker.from_env().containers.list(all=True, filters={"label": LABEL}):
        container.remove(force=True)
