"""The tests of each framework's integration pass where a project uses it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from tests.distributed.job import python_of
from tests.project import ROOT, generate_for_torch

FOLDER = Path(__file__).absolute().parent


@pytest.mark.parametrize(("template", "folder"), [("sklearn", "sklearn"), ("pytorch", "torch")])
def test_integration(template: str, folder: str, tmp_path: Path, torch_wheels: Path) -> None:
    """With the wheel of this package, and the framework in the version of the template's lock."""
    project = generate_for_torch(tmp_path / "model", torch_wheels, template)
    installed = project.nox("schema")
    assert installed.returncode == 0, installed.stdout
    python = python_of(project.path)
    if template == "sklearn":
        # The smallest wheels of the boosting libraries; what they stand on is there.
        install = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--python", python]
        subprocess.run([*install, "lightgbm>=4.6,<5", "xgboost-cpu>=3,<4"], check=True)

    # Neither the settings nor the fixtures of this repository, which need its own environment.
    options = ["-c", "/dev/null", "--rootdir", str(ROOT), "--confcutdir", str(FOLDER)]
    pytest_ = [python, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*pytest_, *options, "-rs", str(FOLDER / folder)],
        cwd=tmp_path,
        # On a busy machine, threads that wait for each other take minutes.
        env={**os.environ, "PYTHONPATH": str(project.path / "src"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )

    assert result.returncode == 0, result.stdout
    assert "skipped" not in result.stdout, result.stdout
