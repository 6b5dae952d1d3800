"""What the tests of updates share with those of new projects, and the updates themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.generate.conftest import _nobodys_settings, snapshot
from tests.generate.repository import Repository
from tests.update.projects import Updates, all_updates
from tests.update.releases import history
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


@pytest.fixture(scope="session")
def updates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Updates]:
    """Return the updates that the chosen tests look at; while one is looked at, others go on."""
    folder = tmp_path_factory.mktemp("updates")
    parameters = [
        item.callspec.params
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and "updates" in item.fixturenames
        and hasattr(item, "callspec")
    ]
    wanted = [
        (str(case["template"]), str(case["version"])) for case in parameters if "version" in case
    ]
    with all_updates(history(folder / "templates"), folder, dict.fromkeys(wanted)) as updates:
        yield updates
