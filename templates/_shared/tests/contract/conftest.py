"""A trained model and a running server, made once, as `executor.sh` makes them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.client import Client

ROOT = Path(__file__).absolute().parents[2]


def executor(name: str, base_dir: Path, **variables: str) -> subprocess.Popen[str]:
    """Start `executor.sh` as a platform does, with `/opt/ml` at `base_dir`."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.Popen(
        [ROOT / "src" / "container" / "executor.sh", name],
        env={**os.environ, "PATH": path, "MLDOCK_BASE_DIR": str(base_dir), **variables},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def base_dir(tmp_path: Path) -> Path:
    """Return a fresh `/opt/ml` with the project's data as its channels."""
    return make_base_dir(tmp_path)


def make_base_dir(directory: Path) -> Path:
    """Put the project's data where a platform puts the channels."""
    shutil.copytree(ROOT / "data", directory / "input" / "data")
    return directory


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a base directory in which a training job has succeeded."""
    base_dir = make_base_dir(tmp_path_factory.mktemp("trained"))
    with executor("train", base_dir) as process:
        log = process.communicate()[1]
    assert process.returncode == 0, log
    return base_dir


@pytest.fixture(scope="session")
def server(trained: Path) -> Iterator[Client]:
    """Return a client of a server of the trained model."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with executor("serve", trained, MLDOCK_SERVER_BIND=address) as process:
        client = Client(f"http://{address}")
        deadline = time.monotonic() + 60
        while not client.is_ready():
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, "the server is not ready after 60 s"
            time.sleep(0.1)
        yield client
        process.terminate()
        assert process.wait(timeout=30) == 0, process.communicate()[1]
