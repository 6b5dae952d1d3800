"""The first command of the README: from a clone to a prediction."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.client import free_port
from tests.generate.repository import Repository


def test_demo(tmp_path: Path, snapshot: Repository) -> None:
    """It prints a prediction, the metrics and what to type next, and leaves a project behind."""
    clone = snapshot.clone(tmp_path / "templates").path
    kept = clone / "demo" / "generic"
    kept.mkdir(parents=True)

    result = subprocess.run(
        [sys.executable, "-m", "scripts.demo", "generic", "--port", str(free_port())],
        cwd=clone,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )

    assert result.returncode == 0, result.stdout
    line = next(line for line in result.stdout.splitlines() if line.startswith("[{"))
    assert [answer["species"] for answer in json.loads(line)] == [
        "setosa",
        "versicolor",
        "virginica",
    ]
    assert "accuracy" in result.stdout
    # A folder that is there is somebody's, so another one is made.
    assert not list(kept.iterdir())
    assert (clone / "demo" / "generic-2" / ".mldock" / "model" / "classifier").is_dir()
    assert "cd demo/generic-2" in result.stdout
