"""What an owner may ask of Copier: other answers, another template, a copy anew, a look ahead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.generate.repository import Repository, make, own, run_copier
from tests.update.merging import tree
from tests.update.projects import answers_of, unmerged, update
from tests.update.small import improve as small_improve
from tests.update.small import small_project, small_templates

OLD, NEW = '"Nothing was running."', '"Nothing ran."'
DEFAULT = "(template_index | selectattr('name', 'equalto', template) | first).predicts"


@pytest.fixture
def released(tmp_path: Path, snapshot: Repository) -> Repository:
    """Return a repository of the templates with a release."""
    templates = snapshot.clone(tmp_path / "templates")
    templates.git("tag", "v1.0.0")
    return templates


def project_of(templates: Repository, path: Path, **answers: str) -> Repository:
    """Return a new project in the hands of its owner."""
    return own(make(templates, path, **{"template": "generic", **answers}).path)


def improve(templates: Repository) -> None:
    """Release a better tool of all templates."""
    templates.replace("templates/_shared/tools/stop.py", OLD, NEW)
    templates.commit(tag="v1.1.0")


def is_improved(project: Path) -> bool:
    """Say whether the project has the change of the tool."""
    return NEW in (project / "tools/stop.py").read_text("utf-8")


def test_renamed_question(released: Repository, tmp_path: Path) -> None:
    """The answer goes to the question that takes the place of another, and no one is asked."""
    project = project_of(released, tmp_path / "project", description="Guesses ages.")
    before = tree(project.path)
    released.replace("copier.yml", "\ndescription:\n", "\npurpose:\n")
    released.replace("copier.yml", "if not description |", "if not purpose |")
    released.replace(
        "copier.yml", f"{{{{ {DEFAULT} }}}}", f"{{{{ description | default({DEFAULT}) }}}}"
    )
    for name in ("generic/README.md.jinja", "_shared/src/container/Dockerfile.jinja"):
        released.replace(f"templates/{name}", "{{ description", "{{ purpose")
    released.commit(tag="v1.1.0")

    update(project)

    assert answers_of(project.path)["purpose"] == "Guesses ages."
    assert b"Guesses ages." in before["README.md"]
    assert tree(project.path) == before


def test_switched_template(released: Repository, tmp_path: Path) -> None:
    """`copier update --data template=sklearn` turns a project into another, but for the owner's."""
    project = project_of(released, tmp_path / "one" / "project")
    (project.path / "src/mine.py").write_text("MINE = 7\n", "utf-8")
    project.commit()
    answers = answers_of(project.path)

    result = run_copier("update", "--defaults", "--data", "template=sklearn", str(project.path))

    assert result.returncode == 0, result.stdout
    described = {"template": "sklearn", "description": answers["description"]}
    other = make(released, tmp_path / "two" / "project", **described)
    assert tree(project.path) == tree(other.path) | {"src/mine.py": b"MINE = 7\n"}
    assert unmerged(project) == []


def test_answer_is_changed(released: Repository, tmp_path: Path) -> None:
    """`copier update --data storage=s3` gives what a copy with that answer has."""
    project = project_of(released, tmp_path / "one" / "project")

    result = run_copier("update", "--defaults", "--data", "storage=s3", str(project.path))

    assert result.returncode == 0, result.stdout
    other = make(released, tmp_path / "two" / "project", template="generic", storage="s3")
    assert tree(project.path) == tree(other.path)
    assert answers_of(project.path) == answers_of(other.path)


def test_wrong_answer_is_refused(released: Repository, tmp_path: Path) -> None:
    """An answer that is no choice changes nothing."""
    project = project_of(released, tmp_path / "project")

    result = run_copier("update", "--defaults", "--data", "template=none", str(project.path))

    assert result.returncode != 0
    assert "is not in ['generic', 'pytorch', 'sklearn']" in result.stdout
    assert project.git("status", "--porcelain") == ""


def test_recopy(released: Repository, tmp_path: Path) -> None:
    """`copier recopy` makes the template's files anew, with the answers; all else stays."""
    project = project_of(released, tmp_path / "project", storage="s3")
    new = tree(project.path)
    project.replace("src/trainer.py", "Yours: how the model", "Mine: how the model")
    (project.path / "payload.csv").unlink()
    (project.path / "src/mine.py").write_text("MINE = 7\n", "utf-8")
    project.commit()

    result = run_copier("recopy", "--defaults", "--overwrite", str(project.path))

    assert result.returncode == 0, result.stdout
    assert tree(project.path) == new | {"src/mine.py": b"MINE = 7\n"}
    assert answers_of(project.path)["storage"] == "s3"


def test_monorepo(released: Repository, tmp_path: Path) -> None:
    """Of two projects in a repository one is updated; the other, though not committed, stays."""
    for name in ("ages", "tumors"):
        make(released, tmp_path / "mono" / name, template="generic")
    mono = own(tmp_path / "mono")
    improve(released)
    trainer = mono.path / "tumors/src/trainer.py"
    trainer.write_text("# Mine, half written.\n", "utf-8")
    other = tree(mono.path / "tumors")

    update(Repository(mono.path / "ages"))

    assert is_improved(mono.path / "ages")
    assert tree(mono.path / "tumors") == other
    changed = set(mono.git("status", "--porcelain").split()[1::2])
    assert changed == {"ages/.copier-answers.yml", "ages/tools/stop.py", "tumors/src/trainer.py"}


def test_check_update(tmp_path: Path) -> None:
    """`copier check-update` tells both versions; with `--quiet` its exit code says it: 0 or 2."""
    templates = small_templates(tmp_path / "templates")
    project = str(small_project(templates, tmp_path / "project").path)
    assert run_copier("check-update", "--quiet", project).returncode == 0
    small_improve(templates, "v1.1.0")

    told = run_copier("check-update", "--output-format", "json", project)

    assert told.returncode == 0
    assert json.loads(told.stdout) == {
        "update_available": True,
        "current_version": "1.0.0",
        "latest_version": "1.1.0",
    }
    assert run_copier("check-update", "--quiet", project).returncode == 2


def test_without_tags(tmp_path: Path) -> None:
    """Without a release, each commit is one; the first release is newer than all of them."""
    templates = small_templates(tmp_path / "templates", tag=None)
    project = small_project(templates, tmp_path / "project")
    small_improve(templates)
    head = templates.git("rev-parse", "--short", "HEAD").strip()

    update(project)

    assert "Third, improved." in (project.path / "README.md").read_text("utf-8")
    assert answers_of(project.path)["_commit"] == head
    project.commit()
    templates.git("tag", "v0.1.0")
    update(project)
    assert answers_of(project.path)["_commit"] == "v0.1.0"


def test_deleted_file_stays_deleted(tmp_path: Path) -> None:
    """A file that the owner has deleted does not come back, even where the template changes it."""
    templates = small_templates(tmp_path / "templates")
    project = small_project(templates, tmp_path / "project")
    (project.path / "README.md").unlink()
    project.commit()
    small_improve(templates, "v1.1.0")

    update(project)

    assert not (project.path / "README.md").exists()
    assert answers_of(project.path)["_commit"] == "v1.1.0"
    assert unmerged(project) == []
