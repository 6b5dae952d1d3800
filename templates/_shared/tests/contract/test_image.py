"""The same in the image: nox -s build, then nox -s test -- -m docker."""

from __future__ import annotations

import os
from pathlib import Path

import docker
import pytest
from mldock.testing import PROJECT, Client, image_name, is_close, make_base_dir
from pytest_docker.plugin import Services

pytestmark = pytest.mark.docker


@pytest.fixture(scope="session")
def docker_compose_file(trained: Path) -> str:
    """Name the image and the model for docker-compose.yml."""
    os.environ |= {"IMAGE": image_name(), "MODEL_DIR": str(trained / "model")}
    return str(Path(__file__).with_name("docker-compose.yml"))


def test_serves(server: Client, docker_ip: str, docker_services: Services) -> None:
    """It predicts as without Docker, and refuses a body that is too large before it comes."""
    image = Client(f"http://{docker_ip}:{docker_services.port_for('serve', 8080)}")
    docker_services.wait_until_responsive(image.is_ready, timeout=60, pause=0.2)
    rows = (PROJECT / "payload.json").read_bytes()
    predictions, expected = (each.invoke(rows, "application/json") for each in (image, server))

    assert is_close(predictions.json, expected.json), predictions
    assert image.request("/invocations", b"", Content_Length=str(2**40)).status == 413


def test_trains(tmp_path: Path) -> None:
    """It saves a model with a read-only root filesystem and without capabilities."""
    docker.from_env().containers.run(
        image_name(),
        "train",
        user=f"{os.getuid()}:{os.getgid()}",  # Any will do; this one can remove the files.
        read_only=True,
        tmpfs={"/tmp": ""},
        cap_drop=["ALL"],
        volumes={str(make_base_dir(tmp_path)): {"bind": "/opt/ml"}},
        remove=True,
    )

    assert any((tmp_path / "model").iterdir())
