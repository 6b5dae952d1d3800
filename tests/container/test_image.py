"""What is in the image, and what is not."""

from __future__ import annotations

import json

import pytest

from tests.container.conftest import LABEL, Image
from tests.engine import engine

pytestmark = pytest.mark.docker

# Megabytes on Debian's slim images. Packages are as they were installed: their tests and headers,
# which some import and torch.compile needs, are 8, 47 and 167 of them; onnxruntime's library for
# programs in C, which other packages load, is 29.
SIZE_LIMITS = {"generic": 265, "sklearn": 530, "pytorch": 1120}

# What the package manager has installed and is not there.
MISSING = """
import csv
from importlib.metadata import distributions
lists = [(each, (each.read_text("RECORD") or "").splitlines()) for each in distributions()]
files = [(each, row[0]) for each, lines in lists for row in csv.reader(lines)]
assert len(files) > 1000
print(*[name for each, name in files if not each.locate_file(name).exists()])
"""

# What a server would compile at each start, since it cannot write.
UNCOMPILED = """
import os, sys, container.prediction.serve, gunicorn.app.wsgiapp, prediction, uvicorn_worker
specs = [getattr(module, "__spec__", None) for module in sys.modules.values()]
files = {spec.origin: spec.cached for spec in specs if spec and spec.cached}
assert len(files) > 100
own = {name: kept for name, kept in files.items() if name.startswith(("/app/", "/opt/venv/"))}
print(*[name for name, kept in own.items() if not os.path.exists(kept)])
"""


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


def test_packages_are_whole(image: Image) -> None:
    """Nothing that a package has installed is deleted, whatever its name."""
    assert shell(image, f"python -c '{MISSING}'") == "\n"


def test_server_compiles_nothing(image: Image) -> None:
    """The bytecode of what a server imports is in the image."""
    assert shell(image, f"cd src && python -c '{UNCOMPILED}'") == "\n"


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
