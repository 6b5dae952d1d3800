"""What the tests of the pages share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.terminal import Terminal
from tests.generate.repository import copy_templates
from tests.project import ROOT


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of the templates as they are now."""
    return copy_templates(tmp_path_factory.mktemp("docs") / "templates").path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site, which is built without a warning."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    # mkdocs-material advertises there.
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    result = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture
def terminal(tmp_path: Path, templates: Path) -> Iterator[Terminal]:
    """Return a terminal in an empty folder."""
    terminal = Terminal(tmp_path, templates, tmp_path / "home")
    yield terminal
    terminal.close()
