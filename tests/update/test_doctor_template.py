"""`nox -s doctor`: the project's template, its newest version, and the machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.generate.repository import Repository
from tests.update.doctor import errors, examine, run, told
from tests.update.projects import answers_of
from tests.update.small import improve, small_project, small_templates

ANSWERS = ".copier-answers.yml"


def test_behind(templates: Repository, project: Repository) -> None:
    """A newer release is told, with both versions; a commit that is no release is not."""
    improve(templates)
    assert told(project.path, "warning") == []
    templates.git("tag", "v1.1.0")

    assert told(project.path, "warning") == [
        "The project is of v1.0.0; the newest version of the template is v1.1.0"
    ]
    assert errors(project.path) == {}


def test_behind_without_tags(tmp_path: Path) -> None:
    """Without a release the newest commit counts."""
    templates = small_templates(tmp_path / "templates", tag=None)
    project = small_project(templates, tmp_path / "project")
    assert told(project.path, "warning") == []
    old = answers_of(project.path)["_commit"]
    improve(templates)
    new = templates.git("rev-parse", "--short", "HEAD").strip()

    assert told(project.path, "warning") == [
        f"The project is of {old}; the newest version of the template is {new}"
    ]


def test_ahead(templates: Repository, tmp_path: Path) -> None:
    """Copier refuses to go back from a commit after the newest release; that is told."""
    improve(templates)
    head = templates.git("describe", "--tags").strip()
    project = small_project(templates, tmp_path / "project", "HEAD")

    assert errors(project.path) == {
        f"The project is of {head}, after the newest release v1.0.0": []
    }


def test_drift(project: Repository) -> None:
    """Files of the template that were changed and deleted are counted, and named where asked."""
    project.replace("README.md", "First.", "Mine.")
    (project.path / "payload.json").unlink()
    (project.path / "mine.py").write_text("MINE = 7\n", "utf-8")
    project.commit()

    notes = [found for found in examine(project.path) if found["level"] == "note"]

    assert {found["what"]: found["files"] for found in notes} == {
        "1 file is of the template and changed by you": ["README.md"],
        "1 file is of the template and deleted by you": ["payload.json"],
    }
    assert "changed by you (-- --verbose names them). An update merges" in run(project.path)[1]
    assert "changed by you: README.md. An update merges" in run(project.path, "--verbose")[1]


def test_template_is_out_of_reach(templates: Repository, project: Repository) -> None:
    """A template that is away, or offline, is a warning in a line."""
    shutil.rmtree(templates.path)

    (warning,) = told(project.path, "warning")
    assert warning.startswith(f"The template {templates.path} cannot be read: ")
    assert errors(project.path) == {}


def test_remote_is_out_of_reach(project: Repository) -> None:
    """So is an address where nobody answers; git's own reason is told."""
    change_answer(project, "_src_path", "git+http://127.0.0.1:9/templates.git")

    (warning,) = told(project.path, "warning")
    assert warning.startswith("The template git+http://127.0.0.1:9/templates.git cannot be read: ")
    assert "unable to access" in warning


def test_version_is_gone(project: Repository) -> None:
    """A version that the template no longer has cannot be merged from."""
    change_answer(project, "_commit", "1234567")

    (what,) = errors(project.path)
    assert what.startswith("The template has no version 1234567 any more: ")


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        (None, f"There is no {ANSWERS}, so nobody can update this"),
        ("a: [", f"{ANSWERS} cannot be read: "),
        ("a: b\n", f"{ANSWERS} does not say where the template is (_src_path)"),
        ("- a\n", f"{ANSWERS} does not say where the template is (_src_path)"),
        ("_src_path: x\n", f"{ANSWERS} does not say the template's version (_commit)"),
    ],
)
def test_answers_are_damaged(project: Repository, answers: str | None, what: str) -> None:
    """What an update cannot do without is told, with the remedy."""
    if answers is None:
        (project.path / ANSWERS).unlink()
    else:
        (project.path / ANSWERS).write_text(answers, "utf-8")
    project.commit()

    (found,) = errors(project.path)
    assert found.startswith(what)


def test_machine(project: Repository, tmp_path: Path) -> None:
    """No engine and no Python as in the image are warnings: the rest works without."""
    git = shutil.which("git")
    assert git
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(git)
    project.replace("mldock.json", '"python_version": "3.13"', '"python_version": "2.7"')
    project.commit()

    findings = examine(project.path, PATH=str(tmp_path / "bin"))

    warnings = [found["what"] for found in findings if found["level"] == "warning"]
    assert any(what.startswith("This machine has no Python 2.7") for what in warnings)
    assert "There is no docker command" in warnings
    assert not any(found["level"] == "error" for found in findings)


def test_mldock_json_is_broken(project: Repository) -> None:
    """A file that no session can read is an error, with where it is wrong."""
    (project.path / "mldock.json").write_text("{", "utf-8")
    project.commit()

    (what,) = errors(project.path)
    assert "mldock.json cannot be read: " in what


def change_answer(project: Repository, name: str, value: str) -> None:
    """Write another value into the answers, and commit it."""
    old = answers_of(project.path)[name]
    project.replace(ANSWERS, f"{name}: {old}\n", f"{name}: '{value}'\n")
    project.commit()
