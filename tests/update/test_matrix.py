"""Each template, from each release: an update brings all that is new and keeps the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.repository import Repository
from tests.project import ROOT, Project
from tests.update import owner
from tests.update.merging import executables, merged, tree
from tests.update.projects import Updated, answers_of, make_and_update, unmerged
from tests.update.releases import INVENTED, history, releases

VERSIONS = releases(Repository(ROOT)) or [INVENTED]
CASES = [
    pytest.param((template, release.name), id=f"{template}-{release.name}")
    for release in VERSIONS
    for template in release.templates
]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return the templates with all releases; the newest is the working tree as it is now."""
    return history(tmp_path_factory.mktemp("history") / "templates")


@pytest.fixture(scope="module", params=CASES)
def updated(
    request: pytest.FixtureRequest, templates: Repository, tmp_path_factory: pytest.TempPathFactory
) -> Updated:
    """Return a project after its update, and an edited one."""
    template, version = request.param
    return make_and_update(templates, tmp_path_factory.mktemp("updates"), template, version)


def test_untouched_project_becomes_a_new_one(updated: Updated) -> None:
    """After the update it equals a fresh copy with the same answers, byte for byte."""
    project = updated.untouched.path

    assert tree(project) == tree(updated.fresh)
    assert executables(project) == executables(updated.fresh)
    assert answers_of(project) == answers_of(updated.fresh)
    assert unmerged(updated.untouched) == []


def test_edited_project_loses_nothing(updated: Updated) -> None:
    """Each file is what git's own merge makes of it; a conflict is where that has one."""
    project = updated.edited.path
    wanted = merged(updated.mine, updated.old, tree(updated.fresh))

    assert tree(project) == {name: merge.content for name, merge in wanted.items()}
    assert unmerged(updated.edited) == [name for name, file in wanted.items() if file.is_conflict]
    assert executables(project) == executables(updated.fresh)
    assert answers_of(project) == answers_of(updated.fresh)
    for edit in owner.EDITS:
        assert edit.line in (project / edit.file).read_text("utf-8"), edit
    for name, text in owner.ADDED.items():
        assert (project / name).read_text("utf-8") == text
    assert not (project / owner.DELETED).exists()


def test_own_tests_pass(updated: Updated, torch_wheels: Path) -> None:
    """The tests of an edited project pass, unless there is a conflict that its owner decides.

    The container's contract is the same code in all templates, so it is run for one.
    """
    project = updated.edited
    if not set(unmerged(project)) <= {"README.md"}:
        pytest.skip("the update has a conflict")
    template = answers_of(project.path)["template"]
    if template == "pytorch":
        for wheel in torch_wheels.iterdir():
            (project.path / "wheels" / wheel.name).hardlink_to(wheel)

    options = [] if template == "generic" else ["--ignore", "tests/contract"]
    result = Project(project.path).nox("test", *options)

    assert result.returncode == 0, result.stdout
    assert " passed" in result.stdout
