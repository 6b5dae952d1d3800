"""The tests of each framework's integration pass where a project uses it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.distributed.job import python_of
from tests.project import ROOT, generate_for_torch

FOLDER = Path(__file__).absolute().parent


@pytest.mark.parametrize(("template", "folder"), [("sklearn", "sklearn"), ("pytorch", "torch")])
def test_integration(template: str, folder: str, tmp_path: Path, torch_wheels: Path) -> None:
    """With the wheel of this package, and the framework in the version of the template's lock."""
    project = generate_for_torch(tmp_path / "model", torch_wheels, template)
    installed = project.nox("schema")
    assert installed.returncode == 0, installed.stdout

    # Neither the settings nor the fixtures of this repository, which need its own environment.
    options = ["-c", "/dev/null", "--rootdir", str(ROOT), "--confcutdir", str(FOLDER)]
    pytest_ = [python_of(project.path), "-m", "pytest", "-W", "error", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*pytest_, *options, "-rs", str(FOLDER / folder)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(project.path / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )

    assert result.returncode == 0, result.stdout
    assert "skipped" not in result.stdout, result.stdout
