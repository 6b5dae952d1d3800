"""What the tests of the pages share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.building import build
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
    result = build(ROOT, "--site-dir", str(folder))
    assert result.returncode == 0, result.stdout
    return folder


@pytest.fixture
def terminal(tmp_path: Path, templates: Path) -> Iterator[Terminal]:
    """Return a terminal in an empty folder."""
    terminal = Terminal(tmp_path, templates, tmp_path / "home")
    yield terminal
    terminal.close()
