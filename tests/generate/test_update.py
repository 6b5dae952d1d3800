"""`copier update`: improvements arrive, and what its owner wrote stays."""

from __future__ import annotations

from pathlib import Path

import copier
import pytest

from tests.generate.repository import Repository, make, own

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
    """Release a second version: a shared test, a README and a trainer are better."""
    templates.replace(
        "templates/_shared/tests/contract/client.py", "What came back.", "The answer."
    )
    templates.replace("templates/sklearn/README.md.jinja", "Third paragraph.", "Third, improved.")
    trainer = templates.path / "templates/sklearn/src/trainer.py.jinja"
    trainer.write_text(trainer.read_text("utf-8") + "\n# Improved.\n", "utf-8")
    templates.commit(tag="v1.1.0")


def update(project: Repository) -> set[str]:
    """Update a project, with no --trust, and return what has changed."""
    copier.run_update(project.path, defaults=True, overwrite=True, quiet=True, unsafe=False)
    return {line[3:] for line in project.git("status", "--porcelain").splitlines()}


def unmerged(project: Repository) -> str:
    """Return the files that git knows as not merged."""
    return project.git("diff", "--name-only", "--diff-filter=U")


def test_edits_stay_and_improvements_arrive(templates: Repository, project: Repository) -> None:
    """What the owner and the template have changed in other lines is there of both."""
    project.replace("src/trainer.py", "Yours: how the model", "Mine: how the model")
    project.replace("README.md", "First paragraph.", "First, mine.")
    project.commit()
    improve(templates)

    changed = update(project)

    readme = (project.path / "README.md").read_text("utf-8")
    trainer = (project.path / "src/trainer.py").read_text("utf-8")
    assert readme == "# project\n\nFirst, mine.\n\nSecond paragraph.\n\nThird, improved.\n"
    assert trainer.startswith('"""Mine: how the model')
    assert trainer.endswith("\n# Improved.\n")
    assert "The answer." in (project.path / "tests/contract/client.py").read_text("utf-8")
    assert changed == {
        ".copier-answers.yml",
        "README.md",
        "src/trainer.py",
        "tests/contract/client.py",
    }
    assert unmerged(project) == ""


def test_conflict_is_marked(templates: Repository, project: Repository) -> None:
    """Where both have changed a line, both are there to choose from, and git says so."""
    mine = '"""Mine."""\n\n\ndef train(environment, hyperparameters):\n    return 7\n'
    (project.path / "src/trainer.py").write_text(mine, "utf-8")
    project.replace("README.md", "Third paragraph.", "Third, mine.")
    project.commit()
    improve(templates)

    update(project)

    readme = (project.path / "README.md").read_text("utf-8")
    assert "Third, mine." in readme
    assert "Third, improved." in readme
    # Who has written a trainer of their own keeps each line of it, beside the template's.
    trainer = (project.path / "src/trainer.py").read_text("utf-8")
    before, _, rest = trainer.partition("<<<<<<< before updating\n")
    ours, _, rest = rest.partition("=======\n")
    _, _, after = rest.partition(">>>>>>> after updating\n")
    assert before + ours + after == mine
    assert "# Improved." in rest
    assert unmerged(project) == "README.md\nsrc/trainer.py\n"
    assert project.git("show", "HEAD:src/trainer.py") == mine
