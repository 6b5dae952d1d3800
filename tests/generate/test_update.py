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


# What the second release changes in a project.
IMPROVED = {".copier-answers.yml", "README.md", "src/trainer.py", "tools/stop.py"}


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
    """What the owner and the template have changed in other lines is there of both."""
    project.replace("src/trainer.py", "Yours: how the model", "Mine: how the model")
    project.replace("README.md", "First paragraph.", "First, mine.")
    project.commit()
    improve(templates)

    update(project)

    readme = (project.path / "README.md").read_text("utf-8")
    trainer = (project.path / "src/trainer.py").read_text("utf-8")
    assert readme == "# project\n\nFirst, mine.\n\nSecond paragraph.\n\nThird, improved.\n"
    assert trainer.startswith('"""Mine: how the model')
    assert trainer.endswith("\n# Improved.\n")
    assert '"Nothing ran."' in (project.path / "tools/stop.py").read_text("utf-8")
    assert changed(project) == IMPROVED
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


def test_rewritten_trainer_loses_nothing(templates: Repository, project: Repository) -> None:
    """Who has written a trainer of their own keeps each line of it, beside the template's."""
    mine = '"""Mine."""\n\n\ndef train(environment, hyperparameters):\n    return 7\n'
    (project.path / "src/trainer.py").write_text(mine, "utf-8")
    project.commit()
    improve(templates)

    update(project)

    trainer = (project.path / "src/trainer.py").read_text("utf-8")
    before, _, rest = trainer.partition("<<<<<<< before updating\n")
    ours, _, rest = rest.partition("=======\n")
    _, _, after = rest.partition(">>>>>>> after updating\n")
    assert before + ours + after == mine
    assert "# Improved." in rest
    assert project.git("diff", "--name-only", "--diff-filter=U") == "src/trainer.py\n"
    assert project.git("show", "HEAD:src/trainer.py") == mine


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
    assert changed(project) == IMPROVED
    assert_no_conflict(project)


def test_answer_is_changed(project: Repository) -> None:
    """`copier update --data storage=s3` brings the client and the example of the prod stage."""
    update(project, storage="s3")

    # Manifests and jobs say where data and models lie, too.
    elsewhere = (".github/", "deploy/")
    assert {name for name in changed(project) if not name.startswith(elsewhere)} == {
        ".copier-answers.yml",
        "mldock.json",
        "src/requirements.lock",
        "src/requirements.txt",
    }
    assert not (project.path / "deploy/kubernetes/base/claims").exists()
    assert "boto3" in (project.path / "src/requirements.txt").read_text("utf-8")
    assert_no_conflict(project)


def assert_no_conflict(project: Repository) -> None:
    """Assert that git has merged all, and that no marker and no rejected change is there."""
    assert project.git("diff", "--name-only", "--diff-filter=U") == ""
    for name in project.git("ls-files", "--cached", "--others", "--exclude-standard").split():
        assert not name.endswith(".rej")
        # An answer may take files away.
        if (project.path / name).exists():
            assert "<<<<<<<" not in (project.path / name).read_text("utf-8"), name
