"""What the tests of updates share with those of new projects, and a small template."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.conftest import _nobodys_settings, snapshot
from tests.generate.repository import Repository
from tests.update.small import small_project, small_templates

__all__ = ["_nobodys_settings", "snapshot"]


@pytest.fixture
def templates(tmp_path: Path) -> Repository:
    """Return a small template with a release; it has what ours never have: a binary file."""
    return small_templates(tmp_path / "templates")


@pytest.fixture
def project(tmp_path: Path, templates: Repository) -> Repository:
    """Return a project of it."""
    return small_project(templates, tmp_path / "project")
