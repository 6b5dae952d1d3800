"""Each template, from each release: an update brings all that is new and keeps the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.repository import Repository
from tests.project import ROOT, TEMPLATES, Project
from tests.update import owner
from tests.update.merging import executables, merged, tree
from tests.update.projects import Updates, answers_of, unmerged
from tests.update.releases import INVENTED, releases

VERSIONS = releases(Repository(ROOT)) or [INVENTED]
CASES = [
    pytest.param(template, release.name, id=f"{template}-{release.name}")
    for release in VERSIONS
    for template in release.templates
]


@pytest.mark.parametrize(("template", "version"), CASES)
def test_untouched_project_becomes_a_new_one(updates: Updates, template: str, version: str) -> None:
    """After the update it equals a fresh copy with the same answers, byte for byte."""
    update = updates.untouched(template, version)
    project = update.project.path

    # A later one may differ in other templates alone.
    assert update.old != update.new or version != VERSIONS[0].name
    assert tree(project) == update.new
    assert executables(project) == executables(update.fresh)
    assert answers_of(project) == answers_of(update.fresh)
    assert unmerged(update.project) == []


@pytest.mark.parametrize(("template", "version"), CASES)
def test_edited_project_loses_nothing(updates: Updates, template: str, version: str) -> None:
    """Each file is what git's own merge makes of it; a conflict is where that has one."""
    update = updates.edited(template, version)
    project = update.project.path
    wanted = merged(update.mine, update.old, update.new)

    assert tree(project) == {name: merge.content for name, merge in wanted.items()}
    assert unmerged(update.project) == [name for name, file in wanted.items() if file.is_conflict]
    assert executables(project) == executables(update.fresh)
    assert answers_of(project) == answers_of(update.fresh)


@pytest.mark.parametrize(("template", "version"), CASES)
def test_each_edit_is_there(updates: Updates, template: str, version: str) -> None:
    """Every line that the owner wrote is found again, and what they deleted is not."""
    project = updates.edited(template, version).project.path

    for edit in owner.EDITS:
        assert edit.line in (project / edit.file).read_text("utf-8"), edit
    for name, text in owner.ADDED.items():
        assert (project / name).read_text("utf-8") == text
    assert not (project / owner.DELETED).exists()


@pytest.mark.parametrize("template", TEMPLATES)
def test_own_tests_pass(updates: Updates, torch_wheels: Path, template: str) -> None:
    """The tests of an edited project pass, from the oldest version that merges without conflict.

    What is in conflict is the owner's to decide, but for the README, which no test reads. The
    container's contract is the same code in all three, so it is run for one.
    """
    updated = (
        updates.edited(template, release.name).project
        for release in VERSIONS
        if template in release.templates
    )
    project = next(project for project in updated if set(unmerged(project)) <= {"README.md"})
    if template == "pytorch":
        for wheel in torch_wheels.iterdir():
            (project.path / "wheels" / wheel.name).hardlink_to(wheel)

    options = [] if template == "generic" else ["--ignore", "tests/contract"]
    result = Project(project.path).nox("test", *options)

    assert result.returncode == 0, result.stdout
    assert " passed" in result.stdout
