"""`copier update`: improvements arrive, and what its owner wrote stays."""

from __future__ import annotations

from pathlib import Path

import copier
import pytest

from tests.generate.repository import Repository, make, own, run_copier

README = """\
# {{ project_name }}

First paragraph.

Second paragraph.

Third paragraph.
"""


@pytest.fixture
def templates(tmp_path: Path, snapshot: Repository) -> Repository:
    """Return a repository of the templates whose first release has a README of some length."""
    templates = snapshot.clone(tmp_path / "templates")
    (templates.path / "templates/sklearn/README.md.jinja").write_text(README, "utf-8")
    templates.commit(tag="v1.0.0")
    return templates


@pytest.fixture
def project(tmp_path: Path, templates: Repository) -> Repository:
    """Return a project made from the first release."""
    return own(make(templates, tmp_path / "project", template="sklearn").path)


def improve(templates: Repository) -> None:
    """Release a second version: a shared tool, a README and a trainer are better."""
    templates.replace("templates/_shared/tools/stop.py", '"Nothing was running."', '"Nothing ran."')
    templates.replace("templates/sklearn/README.md.jinja", "Third paragraph.", "Third, improved.")
    trainer = templates.path / "templates/sklearn/src/trainer.py"
    trainer.write_text(trainer.read_text("utf-8") + "\n# Improved.\n", "utf-8")
    templates.commit(tag="v1.1.0")


def update(project: Repository, **data: str) -> None:
    """Update a project as `copier update --defaults` does, with no --trust."""
    copier.run_update(
        project.path,
        data=data,
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=False,
    )


def changed(project: Repository) -> set[str]:
    """Return the files that differ from the last commit."""
    return {line[3:] for line in project.git("status", "--porcelain").splitlines()}


def test_edits_stay_and_improvements_arrive(templates: Repository, project: Repository) -> None:
    """The owner's trainer and paragraph stay; the shared tool and the other paragraph change."""
    trainer = project.path / "src/trainer.py"
    trainer.write_text('"""Mine."""\n', "utf-8")
    project.replace("README.md", "First paragraph.", "First, mine.")
    project.commit()
    improve(templates)

    update(project)

    readme = (project.path / "README.md").read_text("utf-8")
    assert readme == "# project\n\nFirst, mine.\n\nSecond paragraph.\n\nThird, improved.\n"
    assert trainer.read_text("utf-8") == '"""Mine."""\n'
    assert '"Nothing ran."' in (project.path / "tools/stop.py").read_text("utf-8")
    assert changed(project) == {".copier-answers.yml", "README.md", "tools/stop.py"}
    assert_no_conflict(project)


def test_conflict_is_marked(templates: Repository, project: Repository) -> None:
    """Where both have changed a line, both are there to choose from, and git says so."""
    project.replace("README.md", "Third paragraph.", "Third, mine.")
    project.commit()
    improve(templates)

    update(project)

    readme = (project.path / "README.md").read_text("utf-8")
    assert "Third, mine." in readme
    assert "Third, improved." in readme
    with pytest.raises(AssertionError, match=r"README\.md"):
        assert_no_conflict(project)


def test_nothing_new(project: Repository) -> None:
    """`copier update` of a project that is up to date changes nothing."""
    project.replace("README.md", "First paragraph.", "First, mine.")
    project.commit()

    result = run_copier("update", "--defaults", str(project.path))

    assert result.returncode == 0, result.stdout
    assert changed(project) == set()


def test_command_needs_no_trust(templates: Repository, project: Repository) -> None:
    """`copier update --defaults` brings a release, with no other option."""
    improve(templates)

    result = run_copier("update", "--defaults", str(project.path))

    assert result.returncode == 0, result.stdout
    assert changed(project) == {".copier-answers.yml", "README.md", "tools/stop.py"}
    assert_no_conflict(project)


def test_answer_is_changed(project: Repository) -> None:
    """`copier update --data storage=s3` brings the client and the example of the prod stage."""
    update(project, storage="s3")

    assert changed(project) == {
        ".copier-answers.yml",
        "mldock.json",
        "src/requirements.lock",
        "src/requirements.txt",
    }
    assert "boto3" in (project.path / "src/requirements.txt").read_text("utf-8")
    assert_no_conflict(project)


def assert_no_conflict(project: Repository) -> None:
    """Assert that git has merged all, and that no marker and no rejected change is there."""
    assert project.git("diff", "--name-only", "--diff-filter=U") == ""
    for name in project.git("ls-files", "--cached", "--others", "--exclude-standard").split():
        assert not name.endswith(".rej")
        assert "<<<<<<<" not in (project.path / name).read_text("utf-8"), name
