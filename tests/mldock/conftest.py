"""What the tests of the runtime share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mldock import Environment

from tests.mldock.serving import INVERSE, serve, wait_until_ready
from tests.mldock.workspace import Run, Workspace

WriteConfig = Callable[[str, object], None]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Return an environment in an empty directory, with no variables."""
    return Environment(tmp_path, {})


@pytest.fixture
def write_config(tmp_path: Path) -> WriteConfig:
    """Return a function that writes a config file as a platform does."""

    def write(name: str, value: object) -> None:
        path = tmp_path / "input" / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = value if isinstance(value, str | bytes) else json.dumps(value)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    return write


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return where the output channel of a model keeps it."""
    return tmp_path / "kept"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Return a project whose containers are ended after the test."""
    workspace = Workspace(tmp_path)
    yield workspace
    workspace.end()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a server for all tests of a file: none of them may harm it."""
    workspace = Workspace(tmp_path_factory.mktemp("server"))
    workspace.write("src/prediction.py", INVERSE)
    yield wait_until_ready(serve(workspace, SAGEMAKER_MAX_PAYLOAD_IN_MB="1", MLDOCK_STAGE="prod"))
    workspace.end()
