"""A fresh project that is edited as docs/extending.md says, and runs without Docker."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.changes import apply
from tests.docs.pages import DOCS, blocks
from tests.mldock.workspace import Workspace
from tests.project import generate

PAGE = (DOCS / "extending.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.*)\n((?:.*\n)*?)(?=^## |\Z)", PAGE, re.MULTILINE))


class FreshProject(Workspace):
    """A generated project; `/opt/ml` is `.mldock`, with its data as the channels."""

    def __init__(self, path: Path) -> None:
        generate(path, template="generic")
        self.path, self.src, self.base_dir = path, path / "src", path / ".mldock"
        self.executor = self.src / "container" / "executor.sh"
        self.runs = []
        shutil.copytree(path / "data", self.base_dir / "input" / "data")

    def extend(self, heading: str) -> None:
        """Make the edits below a heading of the page; the project's linter accepts them."""
        for block in blocks(SECTIONS[heading]):
            if block.language == "diff":
                apply(block, self.path)
        ruff = Path(sys.executable).with_name("ruff")
        for command in (["format", "--diff"], ["check", "--no-cache"]):
            result = subprocess.run(
                [ruff, *command, "."], cwd=self.path, capture_output=True, text=True
            )
            assert result.returncode == 0, result.stdout + result.stderr

    def mldock(self, *arguments: str) -> str:
        """Run a command of the project and return what it prints."""
        return subprocess.check_output(
            [sys.executable, "-m", "mldock", *arguments],
            cwd=self.path,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def project(tmp_path: Path) -> Iterator[FreshProject]:
    """Return a fresh project whose containers are ended after the test."""
    project = FreshProject(tmp_path / "iris")
    yield project
    project.end()


@pytest.fixture
def trained(project: FreshProject) -> FreshProject:
    """Return a fresh project that has a model."""
    run = project.train()
    assert run.wait() == 0, run.log
    return project
