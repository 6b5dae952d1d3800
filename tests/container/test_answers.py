"""Other answers than the defaults: the project still trains and serves in its image."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.client import free_port, wait_until_ready
from tests.container.conftest import LABEL
from tests.project import Project, generate

pytestmark = pytest.mark.docker

ANSWERS = {
    "sklearn-s3": {"template": "sklearn", "storage": "s3", "python_version": "3.11"},
    "generic-gs": {"template": "generic", "storage": "gs", "python_version": "3.11"},
    "generic-az": {"template": "generic", "storage": "az"},
}


@pytest.fixture(params=ANSWERS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """Return a project with its image built."""
    project = generate(
        tmp_path / f"mldock-test-{request.param}-{LABEL[-8:]}", **ANSWERS[request.param]
    )
    result = project.nox("build", "--label", LABEL)
    assert result.returncode == 0, result.stdout
    yield project
    docker.from_env().images.remove(f"{project.path.name}:latest", force=True)


def test_trains_and_answers(project: Project) -> None:
    """The commands of the README, with --docker."""
    trained = project.nox("train", "--docker", "-p", "seed", "1")
    assert trained.returncode == 0, trained.stdout
    assert '"seed":1' in trained.stdout

    port = str(free_port())
    with project.start("serve", "--docker", "--port", port) as process:
        wait_until_ready(f"http://127.0.0.1:{port}", lambda: "nox -s serve -- --docker")
        answer = project.nox("predict", "payload.json")
        in_the_way = project.nox("serve", "--docker", "--port", port)
        stopped = project.nox("stop")
        assert process.wait(timeout=60) == 0

    assert answer.returncode == 0, answer.stdout
    assert json.loads(next(line for line in answer.stdout.splitlines() if line.startswith("[")))
    assert in_the_way.returncode == 1
    assert "already served" in in_the_way.stdout
    assert "Stopped." in stopped.stdout
