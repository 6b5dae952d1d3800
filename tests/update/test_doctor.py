"""`nox -s doctor`: the repository of a project, before an update and after one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.repository import Repository, make, own, run_copier
from tests.project import TEMPLATES, Project
from tests.update.doctor import MACHINE, errors, run
from tests.update.projects import update
from tests.update.small import improve, small_project


@pytest.mark.parametrize("template", TEMPLATES)
def test_all_is_well(tmp_path: Path, snapshot: Repository, template: str) -> None:
    """A new project has nothing in its way; the doctor says so and changes nothing."""
    project = own(make(snapshot, tmp_path / "project", template=template).path)

    code, output = run(project.path)

    *lines, last = output.splitlines()
    assert (code, last) == (0, "Nothing stands in the way of copier update.")
    assert [line for line in lines if not line.startswith(MACHINE)] == []
    assert project.git("status", "--porcelain", "--ignored") == ""


def test_session(tmp_path: Path, snapshot: Repository) -> None:
    """`nox -s doctor` makes its environment, and has the doctor's exit code."""
    project = make(snapshot, tmp_path / "project", template="generic")
    own(project.path)
    result = project.nox("doctor")
    assert result.returncode == 0, result.stdout
    (project.path / "new").write_text("", "utf-8")

    result = Project(project.path).nox("doctor")

    assert result.returncode == 1, result.stdout
    assert "error: 1 file is unknown to git: new. Commit, delete or" in result.stdout


def test_uncommitted(project: Repository) -> None:
    """What Copier would refuse: changed, deleted and unknown files, each named; nothing ignored."""
    project.replace("README.md", "First.", "Mine.")
    (project.path / "payload.json").unlink()
    (project.path / "mine.py").write_text("MINE = 7\n", "utf-8")
    (project.path / ".env").write_text("MINE=7\n", "utf-8")

    assert errors(project.path) == {
        "2 files have changes that are not committed": ["README.md", "payload.json"],
        "1 file is unknown to git": ["mine.py"],
    }
    refused = run_copier("update", "--defaults", str(project.path))
    assert "Destination repository is dirty" in refused.stdout


def test_monorepo(tmp_path: Path, templates: Repository) -> None:
    """In a folder of a repository only that folder counts, as for Copier."""
    mono = tmp_path / "mono"
    for name in ("ages", "tumors"):
        small_project(templates, mono / name)
        Repository(mono / name).path.joinpath(".git").rename(tmp_path / f"{name}.git")
    own(mono)
    Repository(mono / "tumors").replace("README.md", "First.", "Mine.")

    assert errors(mono / "ages") == {}
    assert errors(mono / "tumors") == {"1 file has changes that are not committed": ["README.md"]}
    update(Repository(mono / "ages"))


def test_not_under_git(project: Repository, tmp_path: Path) -> None:
    """Without git there is no update."""
    (project.path / ".git").rename(tmp_path / "git")

    assert errors(project.path) == {"The project is not under git": []}


def test_unknown_to_the_repository_around(project: Repository, tmp_path: Path) -> None:
    """A project in a folder that another repository ignores is not under git either."""
    (project.path / ".git").rename(tmp_path / "git")
    (tmp_path / ".gitignore").write_text("project/\ntemplates/\ngit/\n", "utf-8")
    own(tmp_path)

    assert errors(project.path) == {"git tracks no file of this project": []}


def test_conflict(templates: Repository, project: Repository) -> None:
    """A conflict is told until it is resolved: first by git, then by its markers, then no more."""
    project.replace("README.md", "Third.", "Third, mine.")
    project.commit()
    improve(templates, "v1.1.0")
    update(project)
    assert errors(project.path)["1 file is not merged"] == ["README.md"]
    project.commit()

    assert errors(project.path) == {"1 file is left with conflict markers": ["README.md"]}

    lines = (project.path / "README.md").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("<<<<<<<", "=======", ">>>>>>>"))]
    (project.path / "README.md").write_text("".join(kept), "utf-8")
    project.commit()
    assert errors(project.path) == {}


def test_rejected_change(templates: Repository, project: Repository) -> None:
    """What `copier update --conflict rej` leaves is told, committed or not."""
    project.replace("README.md", "Third.", "Third, mine.")
    project.commit()
    improve(templates, "v1.1.0")
    result = run_copier("update", "--defaults", "--conflict", "rej", str(project.path))
    assert result.returncode == 0, result.stdout
    rejected = {"1 file holds what could not be merged": ["README.md.rej"]}

    assert errors(project.path).items() >= rejected.items()
    project.commit()
    assert errors(project.path) == rejected


def test_markers_that_are_no_conflict(project: Repository) -> None:
    """A heading underlined in Markdown, or one marker in a text, is none."""
    text = "Title\n=======\n\n<<<<<<< is how it begins\n"
    (project.path / "NOTES.md").write_text(text, "utf-8")
    project.commit()

    assert errors(project.path) == {}


def test_no_git(project: Repository, tmp_path: Path) -> None:
    """A machine without git is told so, in a line."""
    (tmp_path / "bin").mkdir()

    assert errors(project.path, PATH=str(tmp_path / "bin")) == {"There is no git command": []}


def test_names_of_files(project: Repository) -> None:
    """A line names five files, `--verbose` all; what cannot be printed is escaped."""
    for number in range(7):
        (project.path / f"new {number}\n").write_text("", "utf-8")

    (line,) = [text for text in run(project.path)[1].splitlines() if "unknown" in text]
    (whole,) = [
        text for text in run(project.path, "--verbose")[1].splitlines() if "unknown" in text
    ]

    assert line.startswith("error: 7 files are unknown to git: 'new 0\\n', 'new 1\\n', ")
    assert "'new 4\\n', and 2 more (--verbose). Commit, delete or .gitignore them" in line
    assert "'new 6\\n'. Commit" in whole
