"""What a project keeps of its parent, and that the rest is its owner's."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.inheriting.links import Manner
from extensions.model import CaptureError, File
from extensions.rendering.render import render
from tests.capture.heirs import heir, make_project, render_heir, replaced
from tests.generate.repository import Repository
from tests.project import TEMPLATES

README = "README.md"
KEPT = {Manner.KEPT_LINK, Manner.KEPT_INCLUDE, Manner.KEPT_COPY}


@pytest.mark.parametrize("template", TEMPLATES)
def test_untouched(tmp_path: Path, snapshot: Repository, template: str) -> None:
    """All of a project that nobody has changed is inherited, and any answer can be given."""
    made, answers = make_project(snapshot.path, template, storage="s3")

    found = heir(snapshot.path, made.files, answers)

    assert found.covered.keys() == made.files.keys()
    assert set(found.covered.values()) <= KEPT
    assert (found.fixed, found.deleted, found.family) == ({}, [], template)
    again = render_heir(tmp_path, snapshot.path, made.files, found, answers)
    assert again.files == made.files
    assert again.asked == made.asked
    other = {"storage": "gs", "python_version": "3.10", "base_image": "debian:12"}
    wanted, changed = make_project(snapshot.path, template, **other)
    assert render(tmp_path, {**changed, "template": "heir"}).files == wanted.files


def test_paragraph(tmp_path: Path, snapshot: Repository) -> None:
    """A paragraph of the owner arrives; conditions, includes and values of the README stay."""
    made, answers = make_project(snapshot.path, "sklearn")
    old = "A random forest (scikit-learn) that is trained"
    project = replaced(made.files, README, old, "A forest that I planted, that is trained")

    found = heir(snapshot.path, project, answers)

    assert found.covered[README] is Manner.MERGED
    assert found.fixed == {}
    source = found.sources["README.md.jinja"].content.decode()
    assert "{% include " in source
    again = render_heir(tmp_path, snapshot.path, project, found, answers)
    assert again.files == project
    other = render(tmp_path, {**answers, "template": "heir", "compile_model": False})
    text = other.files[README].content.decode()
    assert "A forest that I planted" in text
    assert "The compiled model" not in text


def test_included_paragraph(tmp_path: Path, snapshot: Repository) -> None:
    """A paragraph of a text that the README includes can be the owner's, too."""
    made, answers = make_project(snapshot.path, "pytorch")
    project = replaced(made.files, README, "You need Python 3.10 or newer", "We need Python 3.12")

    found = heir(snapshot.path, project, answers)

    assert found.covered[README] is Manner.MERGED
    assert '{%- if family == "pytorch" %}' in found.sources["README.md.jinja"].content.decode()
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project


def test_rewritten(tmp_path: Path, snapshot: Repository) -> None:
    """A file that has nothing left of the parent's is the owner's; prose takes no choice away."""
    made, answers = make_project(snapshot.path, "sklearn")
    project = {**made.files, README: File(b"# Mine\n\nOnly mine.\n")}

    found = heir(snapshot.path, project, answers)

    assert README not in found.covered
    assert found.fixed == {}
    again = render_heir(tmp_path, snapshot.path, project, found, answers)
    assert again.files == project


def test_own_files(tmp_path: Path, snapshot: Repository) -> None:
    """A plain file that was changed, and one that was added, are the owner's."""
    made, answers = make_project(snapshot.path, "generic")
    project = {**made.files, "src/trainer.py": File(b"MINE = 1\n"), "src/mine.py": File(b"")}

    found = heir(snapshot.path, project, answers)

    assert project.keys() - found.covered.keys() == {"src/trainer.py", "src/mine.py"}
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project


def test_deleted(tmp_path: Path, snapshot: Repository) -> None:
    """What the owner deleted does not come back."""
    made, answers = make_project(snapshot.path, "sklearn")
    gone = {"payload.csv", "src/container/prediction/wsgi.py", "tests/test_trainer.py"}
    project = {path: file for path, file in made.files.items() if path not in gone}

    found = heir(snapshot.path, project, answers)

    assert set(found.deleted) == gone
    assert found.covered.keys() == project.keys()
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project


def test_modes(tmp_path: Path, snapshot: Repository) -> None:
    """A file stays executable, or becomes it, however it is kept."""
    made, answers = make_project(snapshot.path, "generic")
    project = {**made.files, "noxfile.py": File(made.files["noxfile.py"].content, True)}
    # So that the script's folder is none to be linked.
    project["src/container/own.sh"] = File(b"#!/bin/sh\n", True)

    found = heir(snapshot.path, project, answers)

    assert found.covered["src/container/executor.sh"] is Manner.KEPT_INCLUDE
    assert found.covered["noxfile.py"] is Manner.KEPT_INCLUDE
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project


def test_of_a_captured_parent(tmp_path: Path, snapshot: Repository) -> None:
    """A template of a project of a captured template goes back to the same family."""
    made, answers = make_project(snapshot.path, "pytorch", storage="s3")
    project = {**made.files, "src/requirements.lock": File(b"torch==2.13.0\n")}
    first = heir(snapshot.path, project, answers)
    assert first.fixed["storage"] == "s3"
    made = render_heir(tmp_path, snapshot.path, project, first, answers)
    answers = {name: made.answers[name] for name in made.asked}
    project = replaced(made.files, README, "You need Python 3.10 or newer", "You need")

    second = heir(tmp_path, project, answers)

    assert (second.parent, second.family) == ("heir", "pytorch")
    assert second.fixed == first.fixed
    folder = tmp_path / "second"
    folder.mkdir()
    again = render_heir(folder, tmp_path, project, second, answers, "second")
    assert again.files == project


def test_unknown_parent(snapshot: Repository) -> None:
    """A project of another repository's template inherits nothing, and the report says so."""
    found = heir(snapshot.path, {"README.md": File(b"")}, {"template": "elsewhere"})

    assert (found.parent, found.sources, found.covered) == ("", {}, {})
    assert "'elsewhere' is not in this repository" in found.notes[0]


def test_behind(tmp_path: Path, snapshot: Repository) -> None:
    """A project of older templates is refused, unless that made no difference to it."""
    repository = snapshot.clone(tmp_path / "templates")
    commit = repository.git("rev-parse", "--short", "HEAD").strip()
    made, answers = make_project(repository.path, "generic")
    answers = {**answers, "_commit": commit}
    (repository.path / "templates/sklearn/src/trainer.py").write_text("NEW = 1\n")
    repository.commit()

    assert heir(repository.path, made.files, answers).notes == []
    (repository.path / "templates/_shared/tools/stop.py").write_text("NEW = 1\n")
    with pytest.raises(CaptureError, match=f"1 of its files .* since {commit}.*copier update"):
        heir(repository.path, made.files, answers)


@pytest.mark.parametrize("commit", ["0123abc", "--help", None])
def test_unknown_commit(snapshot: Repository, commit: str | None) -> None:
    """Where the sources of a project are unknown, the report says so."""
    made, answers = make_project(snapshot.path, "generic")
    given = {**answers, "_commit": commit} if commit else answers

    found = heir(snapshot.path, made.files, given)

    assert found.covered.keys() == made.files.keys()
    assert f"made from {commit or 'no commit'}, which is unknown here" in found.notes[0]
