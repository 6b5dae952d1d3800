"""What the tests of captures share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.making import BY_HAND
from tests.capture.trees import build
from tests.generate.repository import Repository, copy_templates


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a repository of the templates as they are now; tests change clones of it."""
    return copy_templates(tmp_path_factory.mktemp("snapshot"))


@pytest.fixture
def templates(tmp_path: Path, snapshot: Repository) -> Repository:
    """Return a repository of the templates to write into."""
    return snapshot.clone(tmp_path / "templates")


@pytest.fixture
def by_hand(tmp_path: Path) -> Repository:
    """Return a project that nobody has generated."""
    return build(tmp_path / "churn", BY_HAND)
