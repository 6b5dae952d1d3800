"""A Python that has what clients need, a project with a client, and a server of its model."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mldock.serving import serve, wait_until_ready
from tests.mldock.workspace import Workspace
from tests.project import ROOT, generate
from tests.typed_client.making import Owner, run

GENERIC = ROOT / "templates" / "generic"
DEVELOPMENT = ROOT / "templates" / "_shared" / "project" / "requirements-dev.txt"


@pytest.fixture(scope="package")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python with what a client needs, and a type checker."""
    folder = tmp_path_factory.mktemp("python")
    (mypy,) = re.findall(r"^mypy==.+$", DEVELOPMENT.read_text("utf-8"), re.MULTILINE)
    needed = ["attrs>=22.2", "httpx>=0.28,<0.29", "boto3>=1.40,<2", mypy]
    for command in (
        ["venv", "--python", ">=3.11", "venv"],
        ["pip", "install", "--python", "venv", *needed],
    ):
        result = run(["uv", "--quiet", *command], folder)
        assert result.returncode == 0, result.stdout
    return folder / "venv" / "bin" / "python"


@pytest.fixture(scope="package")
def owner(tmp_path_factory: pytest.TempPathFactory, python: Path) -> Owner:
    """Return the owner of a project with a client."""
    path = tmp_path_factory.mktemp("client") / "iris"
    owner = Owner(generate(path, template="generic", image_name="team/iris"), python)
    result = owner.generate()
    assert result.returncode == 0, result.stdout
    return owner


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server of a trained model."""
    workspace = Workspace(tmp_path_factory.mktemp("server"))
    for name in ("prediction.py", "trainer.py"):
        shutil.copy(GENERIC / "src" / name, workspace.src)
    shutil.copytree(GENERIC / "data", workspace.base_dir / "input" / "data")
    try:
        job = workspace.train()
        assert job.process.returncode == 0, job.log
        yield wait_until_ready(serve(workspace)).address
    finally:
        workspace.end()
