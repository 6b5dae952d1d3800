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

from tests.project import TEMPLATES, Project, generate

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
    torch_wheels: Path | None,
) -> Iterator[Image]:
    """Return the image that `nox -s build` makes of a fresh project; it is removed at the end."""
    template = str(request.param)
    project = generate_for_docker(template, tmp_path_factory.mktemp(template), torch_wheels)
    result = project.nox("build", "--label", LABEL)
    assert result.returncode == 0, result.stdout
    yield Image(f"{project.path.name}:latest", template, project)
    images = docker.from_env().images
    images.remove(f"{project.path.name}:latest", force=True)
    # Those that a later build has taken the name from.
    images.prune(filters={"label": LABEL, "dangling": True})


def generate_for_docker(template: str, folder: Path, torch_wheels: Path | None) -> Project:
    """Return a project with the defaults, and where torch is a wheel, one that takes it."""
    name = f"mldock-test-{template}-{LABEL[-8:]}"
    if template != "pytorch" or torch_wheels is None:
        return generate(folder / name, template=template)
    project = generate(folder / name, template=template, python_version="3.11")
    for wheel in torch_wheels.iterdir():
        (project.path / "wheels" / wheel.name).hardlink_to(wheel)
    # An empty backend leaves the choice to wheels/: in the image, and without Docker.
    dockerfile = project.path / "src/container/Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text.replace("TORCH_BACKEND=cpu", "TORCH_BACKEND="), encoding="utf-8")
    project.variables["UV_NO_CONFIG"] = "1"
    return project


@pytest.fixture(autouse=True)
def no_container_stays() -> Iterator[None]:
    """Remove the containers that a test has started."""
    yield
    for container in docker.from_env().containers.list(all=True, filters={"label": LABEL}):
        container.remove(force=True)
