"""A project with a small image, and the sessions that its owner runs with a registry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.images import Image

from tests.engine import engine
from tests.generate.repository import Repository, own
from tests.project import Project, generate
from tests.registry.server import LABEL, USER, Registry

# A layer each; random, so that compressed they are as large.
LAYERS = {"first": 200_000, "second": 300_000, "third": 6_000_000}


@dataclass
class Shop:
    """A project in a repository, and where its owner is signed in."""

    project: Project
    repository: Repository
    configuration: Path
    name: str

    def set(self, **values: Any) -> None:
        """Change mldock.json, and commit that."""
        path = self.project.path / "mldock.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}), "utf-8")
        self.repository.commit()

    def build(self, *options: str) -> str:
        """Build the image and return what the session prints."""
        result = self.project.nox("build", "--label", LABEL, *options, timeout=300)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def run(self, session: str, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run a session as who is signed in, and return its exit code and what it prints."""
        variables = {"DOCKER_CONFIG": str(self.configuration), **variables}
        result = self.project.nox(session, *arguments, timeout=540, **variables)
        assert "Traceback" not in result.stdout, result.stdout
        return result.returncode, result.stdout

    def configure(self, **settings: Any) -> None:
        """Write Docker's configuration."""
        self.configuration.mkdir(exist_ok=True)
        (self.configuration / "config.json").write_text(json.dumps(settings), "utf-8")

    def sign_in(self, registry: Registry) -> None:
        """Sign in as Docker does it."""
        self.configure()
        subprocess.run(
            ["docker", "login", "--username", USER, "--password-stdin", registry.host],
            input=registry.password,
            env={**os.environ, "DOCKER_CONFIG": str(self.configuration)},
            check=True,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def docker(self, folder: Path, cases: str) -> str:
        """Return a PATH with a docker command that answers some command lines by itself."""
        program, docker = folder / "docker", shutil.which("docker")
        program.write_text(f'#!/bin/sh\ncase "$*" in {cases} esac\nexec {docker} "$@"\n', "utf-8")
        program.chmod(0o755)
        return f"{folder}:{os.environ['PATH']}"

    def unique_tag(self) -> str:
        """Return the version with the commit."""
        return f"0.1.0-{self.repository.git('rev-parse', '--short=12', 'HEAD').strip()}"

    def image(self, tag: str = "latest") -> Image:
        """Return the local image."""
        return engine().images.get(f"{self.name}:{tag}")

    def forget_images(self) -> None:
        """Remove the images of this project, under all their names."""
        images = engine().images
        for image in images.list(filters={"label": LABEL}):
            if any(f"{self.name}:" in tag for tag in image.tags):
                images.remove(image.id, force=True)


def make_shop(path: Path, registry: str) -> Shop:
    """Make a project whose image is a few files, built by the project's own session."""
    name = f"mldock-test-shop-{path.name}-{LABEL[-8:]}".lower().replace("_", "-")
    project = generate(path / name, template="generic")
    lines = ["FROM scratch", *(f"COPY src/{layer} /" for layer in LAYERS), "COPY mldock.json /"]
    dockerfile = project.path / "src" / "container" / "Dockerfile"
    dockerfile.write_text("\n".join([*lines, 'CMD ["train"]', ""]), "utf-8")
    for layer, size in LAYERS.items():
        (project.path / "src" / layer).write_bytes(os.urandom(size))
    shop = Shop(project, own(project.path), path / "docker", name)
    shop.set(registry=registry)
    shop.configure()
    return shop
