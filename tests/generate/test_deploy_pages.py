"""The pages on deploying say what there is: their commands and their settings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mldock.project import Project

from tests.project import ROOT, generate
from tests.project import Project as Generated

PAGES = [ROOT / "docs" / "deploy.md", *sorted((ROOT / "docs" / "deploy").glob("*.md"))]

DEPLOY = re.compile(r"nox -s deploy -- (\w+) (\w+)((?: [^\n#`]*)?)")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Return a project that has the commands."""
    return generate(tmp_path_factory.mktemp("projects") / "model", template="generic")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings(page: Path) -> None:
    """What a page writes into mldock.json is valid there."""
    for block in re.findall(r"^```json\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        text = block if block.lstrip().startswith("{") else f"{{{block}}}"
        Project.model_validate({"image_name": "model", **json.loads(text)})


def test_commands_of_platforms(project: Generated) -> None:
    """Each command of a platform is there, with each option that a page gives it."""
    paths = os.pathsep.join([str(project.path), str(project.path / "src")])
    told: dict[tuple[str, str], set[str]] = {}
    for page in PAGES:
        for platform, command, rest in DEPLOY.findall(page.read_text("utf-8")):
            told.setdefault((platform, command), set()).update(re.findall(r"--[\w-]+", rest))
    assert {platform for platform, _ in told} == {"kubernetes", "sagemaker"}
    for (platform, command), options in told.items():
        result = subprocess.run(
            [sys.executable, "-m", "mldock", "deploy", platform, command, "--help"],
            cwd=project.path,
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        assert not {option for option in options if option not in result.stdout}, command
