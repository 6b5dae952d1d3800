"""What is in the image, and what is not."""

from __future__ import annotations

import json

import docker
import pytest

from tests.container.conftest import LABEL, Image

pytestmark = pytest.mark.docker

# Megabytes on Debian's slim images; torch's share is most of its own.
SIZE_LIMITS = {"generic": 260, "sklearn": 420, "pytorch": 920}


def shell(image: Image, script: str) -> str:
    """Return what a shell script prints in the image."""
    engine = docker.from_env()
    output = engine.containers.run(
        image.name, ["-c", script], entrypoint="sh", labels=dict([LABEL.split("=")]), remove=True
    )
    return str(output.decode())


def test_size(image: Image) -> None:
    """The image stays lean."""
    size = docker.from_env().images.get(image.name).attrs["Size"] / 1e6

    assert size < SIZE_LIMITS[image.template]


def test_no_compiler_no_cache_no_data(image: Image) -> None:
    """Nothing of the build, nothing of the person's machine is left."""
    assert shell(image, "for name in gcc cc uv git; do command -v $name; done; true") == ""
    assert shell(image, "ls /root/.cache /var/lib/apt/lists/*_Packages 2>/dev/null || true") == ""
    assert shell(image, "ls -A /app").split() == ["mldock.json", "src"]


def test_metadata(image: Image) -> None:
    """Entry point, command and labels are what platforms look for."""
    config = docker.from_env().images.get(image.name).attrs["Config"]

    assert config["Entrypoint"] == ["tini", "--", "/app/src/container/executor.sh"]
    assert config["Cmd"] == ["train"]
    assert "8080/tcp" in config["ExposedPorts"]
    project = json.loads((image.project.path / "mldock.json").read_text("utf-8"))
    assert config["Labels"]["org.opencontainers.image.title"] == project["image_name"]
    assert config["User"] == ""


def test_train_and_serve_are_on_path(image: Image) -> None:
    """A platform may call `train` and `serve` themselves."""
    assert shell(image, "command -v train; command -v serve").split() == [
        "/usr/local/bin/train",
        "/usr/local/bin/serve",
    ]


def test_unknown_command_is_refused(image: Image) -> None:
    """The entry point says what it takes, and does nothing else."""
    container = image.start("predict")

    assert container.wait()["StatusCode"] == 64
    assert b"executor.sh train" in container.logs()


def test_edit_of_source_does_not_reinstall(image: Image) -> None:
    """The dependencies come before the source."""
    trainer = image.project.path / "src" / "trainer.py"
    source = trainer.read_text("utf-8")
    trainer.write_text(source + "# An edit.\n", "utf-8")
    try:
        log = image.project.nox("build", "--label", LABEL, "--progress", "plain").stdout
    finally:
        trainer.write_text(source, "utf-8")
        image.project.nox("build", "--label", LABEL)

    lines = log.splitlines()
    install = next(line.split()[0] for line in lines if "uv pip install" in line)
    assert f"{install} CACHED" in lines, log


def test_build_without_an_engine_says_so(image: Image) -> None:
    """One line that names the remedy."""
    result = image.project.nox("build", DOCKER_HOST="unix:///nowhere.sock")

    assert result.returncode == 1
    assert "No Docker engine answers. Start Docker." in result.stdout
