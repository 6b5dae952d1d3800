"""The built image: nox -s build, then nox -s test -- -m docker."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from pytest_docker.plugin import Services

from tests.contract.client import Client, alike
from tests.contract.conftest import ROOT

pytestmark = pytest.mark.docker

PAYLOAD = (ROOT / "payload.json").read_bytes()


@pytest.fixture(scope="session")
def image() -> str:
    """Return the name of the image that nox -s build makes."""
    project = json.loads((ROOT / "mldock.json").read_text(encoding="utf-8"))
    return f"{project['image_name']}:{project.get('tag', 'latest')}"


@pytest.fixture(scope="session")
def docker_compose_file(trained: Path, image: str) -> Iterator[str]:
    """Return the services; the trained model and the image are named by the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMAGE", image)
        patch.setenv("MODEL_DIR", str(trained / "model"))
        yield str(Path(__file__).with_name("docker-compose.yml"))


@pytest.fixture(scope="session")
def in_container(docker_ip: str, docker_services: Services) -> Client:
    """Return a client of the image that serves the trained model."""
    client = Client(f"http://{docker_ip}:{docker_services.port_for('serve', 8080)}")
    docker_services.wait_until_responsive(client.is_ready, timeout=60, pause=0.2)
    return client


def test_image_answers_as_without_docker(server: Client, in_container: Client) -> None:
    """The same model gives the same answers in the image."""
    answer = in_container.invoke(PAYLOAD, "application/json")

    assert answer.status == 200
    expected = server.invoke(PAYLOAD, "application/json").json
    assert alike(answer.json, expected), (answer.json, expected)


def test_too_large_body_is_refused(in_container: Client) -> None:
    """More than the limit is refused with JSON before it is read."""
    answer = in_container.ask(
        "/invocations",
        method="POST",
        headers={"Content-Type": "application/json", "Content-Length": str(2**40)},
    )

    assert answer.status == 413
    assert answer.json["error"]


def test_image_trains(base_dir: Path, image: str) -> None:
    """A training job in the image saves a model."""
    log = docker.from_env().containers.run(
        image,
        "train",
        # What it writes shall be ours to remove.
        user=f"{os.getuid()}:{os.getgid()}",
        volumes={str(base_dir): {"bind": "/opt/ml"}},
        remove=True,
        stderr=True,
    )

    assert any((base_dir / "model").iterdir()), log.decode()
