"""The image of a template, with the project that it belongs to."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from tests.engine import engine
from tests.project import Project
from tests.shared import SHARED

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
        return engine().containers.run(
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


@contextmanager
def built(project: Project, template: str) -> Iterator[Image]:
    """Yield the image that `nox -s build` makes of a project; it is removed at the end."""
    # The first process builds its layers, all others find them in the engine's cache.
    with SHARED.lock(f"build-{template}"):
        result = project.nox("build", "--label", LABEL)
    assert result.returncode == 0, result.stdout
    yield Image(f"{project.path.name}:latest", template, project)
    images = engine().images
    images.remove(f"{project.path.name}:latest", force=True)
    # Those that a later build has taken the name from.
    images.prune(filters={"label": LABEL, "dangling": True})


def name_of(template: str) -> str:
    """Return the name of a project, and so of its image, that no other run of the tests has."""
    return f"mldock-test-{template}-{LABEL[-8:]}"
