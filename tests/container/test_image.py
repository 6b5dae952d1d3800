"""What is in the image, and what is not."""

from __future__ import annotations

import json

import pytest

from tests.container.conftest import LABEL, Image
from tests.engine import engine

pytestmark = pytest.mark.docker

# Megabytes on Debian's slim images; torch's share is most of its own.
SIZE_LIMITS = {"generic": 260, "sklearn": 440, "pytorch": 920}


def shell(image: Image, script: str) -> str:
    """Return what a shell script prints in the image."""
    client = engine()
    output = client.containers.run(
        image.name, ["-c", script], entrypoint="sh", labels=dict([LABEL.split("=")]), remove=True
    )
    return str(output.decode())


def test_lean(image: Image) -> None:
    """Nothing of the build and of the user's machine is left; `train` and `serve` are on PATH."""
    size = engine().images.get(image.name).attrs["Size"] / 1e6

    assert size < SIZE_LIMITS[image.template]
    assert shell(image, "for name in gcc cc uv git; do command -v $name; done; true") == ""
    assert shell(image, "ls /root/.cache /var/lib/apt/lists/*_Packages 2>/dev/null || true") == ""
    assert shell(image, "ls -A /app").split() == ["mldock.json", "src"]
    assert shell(image, "command -v train; command -v serve").split() == [
        "/usr/local/bin/train",
        "/usr/local/bin/serve",
    ]


@pytest.mark.parametrize("image", ["generic"], indirect=True)
def test_metadata(image: Image) -> None:
    """Entry point, command and labels are what platforms look for."""
    config = engine().images.get(image.name).attrs["Config"]

    assert config["Entrypoint"] == ["tini", "--", "/app/src/container/executor.sh"]
    assert config["Cmd"] == ["train"]
    assert "8080/tcp" in config["ExposedPorts"]
    project = json.loads((image.project.path / "mldock.json").read_text("utf-8"))
    assert config["Labels"]["org.opencontainers.image.title"] == project["image_name"]
    assert config["User"] == ""


@pytest.mark.parametrize("image", ["generic"], indirect=True)
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
