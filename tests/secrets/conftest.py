"""What the tests of this folder make, and so what they remove."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.engine import engine
from tests.project import Project, generate

# Writes down what it sees, and tells the log a secret as a careless library would.
TRAINER = '''"""Tells what it sees."""

from __future__ import annotations

import json
import logging
import os
import time

from pydantic import BaseModel

from mldock import Environment

NAMES = ["DATABASE_PASSWORD", "MLDOCK_TRACKING_TOKEN", "MLDOCK_A"]


class Hyperparameters(BaseModel):
    """It has none."""


def train(environment: Environment, hyperparameters: Hyperparameters) -> None:
    """Write the variables down."""
    del hyperparameters
    seen = {name: os.environ[name] for name in NAMES if name in os.environ}
    (environment.output_data_dir / "seen.json").write_text(json.dumps(seen))
    if seen.get("MLDOCK_A") == "wait":
        (environment.checkpoint_dir / "waits").touch()
        while not (environment.checkpoint_dir / "go").exists():
            time.sleep(0.1)
    logging.getLogger("mine").info("asking https://me:%s@host/", os.getenv("DATABASE_PASSWORD"))
'''

LABEL = f"mldock.test={uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def word() -> str:
    """Return a secret that no other run knows, and that stands nowhere by chance."""
    return secrets.token_hex(16)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a fresh project."""
    path = tmp_path_factory.mktemp("secrets") / f"mldock-test-secrets-{LABEL[-8:]}"
    project = generate(path, template="generic", storage="s3")
    (path / "src" / "trainer.py").write_text(TRAINER, "utf-8")
    settings = json.loads((path / "mldock.json").read_text("utf-8"))
    settings["hyperparameters"] = {}
    (path / "mldock.json").write_text(json.dumps(settings), "utf-8")
    return project


@pytest.fixture(scope="session")
def image(project: Project) -> str:
    """Return the name of the project's image."""
    result = project.nox("build", "--label", LABEL)
    assert result.returncode == 0, result.stdout
    return f"{project.path.name}:latest"


def python(project: Project, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with a project's modules."""
    path = os.pathsep.join([str(project.path), str(project.path / "src")])
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.path,
        env={**os.environ, "PYTHONPATH": path, **variables},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )


def build(name: str, folder: Path, *options: str) -> None:
    """Build an image that is removed in the end."""
    command = ["docker", "build", "--quiet", "--label", LABEL, "--tag", name, *options, str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session", autouse=True)
def no_image_stays() -> Iterator[None]:
    """Remove the containers and images of this run of the tests."""
    yield
    try:
        client = engine()
    except docker.errors.DockerException:
        return
    for container in client.containers.list(all=True, filters={"label": LABEL}):
        container.remove(force=True)
    for image in client.images.list(all=True, filters={"label": LABEL}):
        for tag in image.tags:
            client.images.remove(tag, force=True)
    client.images.prune(filters={"label": LABEL, "dangling": True})
