"""What the tests of several folders share."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

TORCH = "torch==2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests that need Docker where no engine answers; in CI they run and fail."""
    marked = [item for item in items if item.get_closest_marker("docker")]
    if marked and not os.environ.get("CI") and not engine_answers():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))


def engine_answers() -> bool:
    """Say whether a Docker engine answers."""
    try:
        return subprocess.run(["docker", "version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture(scope="session")
def torch_wheels(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Return a folder with a wheel of torch for the CPU; None where its index can be reached.

    Where the index of CPU builds is out of reach, pip is asked for the wheel, which it may find by
    its own configuration.
    """
    try:
        with urllib.request.urlopen(f"{CPU_INDEX}/torch/", timeout=10):
            return None
    except OSError:
        folder = tmp_path_factory.mktemp("wheels")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", TORCH]
        subprocess.run([*pip, "--dest", str(folder)], check=True)
        assert any("+cpu" in wheel.name for wheel in folder.iterdir()), "this torch has CUDA"
        return folder
