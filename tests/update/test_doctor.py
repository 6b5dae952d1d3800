"""`nox -s doctor`: what `copier update` would lose without a word is told before, and is kept."""

from __future__ import annotations

import contextlib
import importlib
import io
import shutil
import sys
from pathlib import Path
from unittest import mock

import pytest

from tests.generate.repository import Repository, make, own, run_copier
from tests.project import ROOT, TEMPLATES, Project
from tests.update.projects import answers_of, update
from tests.update.small import improve, small_project, small_templates

MINE = b"GIF89a\0mine"
SAFE = "An update loses nothing."
BEHIND = "warning: the newest template is v1.1.0, this is v1.0.0"
RESTORE = "After the update: git checkout HEAD -- FILE"
BINARY = f"error: yours, not UTF-8 text; an update takes the template's: {{}}. {RESTORE}"
GONE = f"error: yours, not in the newest template; an update deletes it: {{}}. {RESTORE}"
ASIDE = "Copy it aside, update, put it back; or git add --force FILE, and commit."
HIDDEN = f"error: unknown to git; an update overwrites or deletes it: {{}}. {ASIDE}"
CHOOSE = "Choose what stays, delete the marker lines, and commit."


def doctor(project: Repository) -> list[str]:
    """Return what the doctor prints, in the process of these tests, which saves the imports."""
    printed = io.StringIO()
    with (
        mock.patch.object(sys, "path", [str(ROOT / "templates/_shared"), *sys.path]),
        mock.patch.object(sys, "argv", ["doctor"]),
        mock.patch.object(importlib.import_module("mldock.cli.doctor"), "ROOT", project.path),
        contextlib.redirect_stdout(printed),
    ):
        try:
            code = importlib.import_module("mldock.cli.doctor").main()
        except SystemExit as error:
            code = 1
            print(error.code)
    lines = printed.getvalue().splitlines()
    assert code == any(line.startswith("error: ") for line in lines)
    return lines


@pytest.mark.parametrize("template", TEMPLATES)
def test_new_project(tmp_path: Path, snapshot: Repository, template: str) -> None:
    """An update of a new project loses nothing; the doctor changes nothing."""
    project = own(make(snapshot, tmp_path / "project", template=template).path)

    assert doctor(project) == [SAFE]
    assert project.git("status", "--porcelain", "--ignored") == ""


def test_session(tmp_path: Path, snapshot: Repository) -> None:
    """`nox -s doctor` makes its environment, and has the doctor's exit code."""
    project = make(snapshot, tmp_path / "project", template="generic")
    own(project.path)
    assert project.nox("doctor").returncode == 0
    (project.path / "a\n.rej").write_text("", "utf-8")

    result = Project(project.path).nox("doctor")

    assert result.returncode == 1, result.stdout
    assert r"error: not merged by an update: 'a\n.rej'. Merge it by hand" in result.stdout


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("inline", f"error: left with conflict markers: README.md. {CHOOSE}"),
        ("rej", "error: not merged by an update: README.md.rej. Merge it by hand, then delete it."),
    ],
)
def test_conflict(templates: Repository, project: Repository, how: str, line: str) -> None:
    """What an update has left is told until it is resolved."""
    project.replace("README.md", "Third.", "Third, mine.")
    project.commit()
    improve(templates, "v1.1.0")
    run_copier("update", "--defaults", "--conflict", how, str(project.path))
    assert doctor(project) == [line]

    (project.path / "README.md.rej").unlink(missing_ok=True)
    project.git("checkout", "--quiet", "HEAD", "README.md")
    assert SAFE in doctor(project)


@pytest.mark.parametrize(
    ("name", "mine"), [("logo.gif", MINE), ("names.csv", "name\nMüller\nSmith\n".encode("latin-1"))]
)
def test_binary(templates: Repository, project: Repository, name: str, mine: bytes) -> None:
    """A file that is not UTF-8 is told; the update takes the template's, the remedy helps."""
    (project.path / name).write_bytes(mine)
    project.commit()
    improve(templates, "v1.1.0")

    assert doctor(project) == [BINARY.format(name), BEHIND]

    update(project)
    assert (project.path / name).read_bytes() != mine
    project.git("checkout", "--quiet", "HEAD", "--", name)
    assert (project.path / name).read_bytes() == mine


def test_hidden(templates: Repository, project: Repository) -> None:
    """Files that .gitignore hides are told, of either version, until git knows them."""
    (project.path / ".gitignore").write_text(".env\npayload.json\n", "utf-8")
    (project.path / ".env").write_text("MINE=7\n", "utf-8")
    project.git("rm", "--quiet", "--cached", "payload.json")
    project.commit()
    (templates.path / "templates/small/.env").write_text("MINE=1\n", "utf-8")
    templates.git("add", "--force", "templates/small/.env")
    templates.commit(tag="v1.1.0")
    assert doctor(project) == [HIDDEN.format(".env, payload.json"), BEHIND]
    untold = shutil.copytree(project.path, project.path.with_name("untold"))
    update(Repository(untold))
    assert (untold / ".env").read_text("utf-8") == "MINE=1\n"
    assert not (untold / "payload.json").exists()

    project.git("add", "--force", "payload.json")
    project.commit()
    assert doctor(project) == [HIDDEN.format(".env"), BEHIND]
    update(project)
    assert (project.path / "payload.json").exists()


def test_file_that_the_template_dropped(templates: Repository, project: Repository) -> None:
    """A file that the owner changed is told before a version without it deletes it."""
    project.replace("names.csv", "Smith", "Mine")
    project.commit()
    (templates.path / "templates/small/names.csv").unlink()
    improve(templates, "v1.1.0")

    assert doctor(project) == [GONE.format("names.csv"), BEHIND]

    update(project)
    assert not (project.path / "names.csv").exists()


def test_template_that_is_gone(templates: Repository, project: Repository) -> None:
    """A template of another name is told, before the project becomes the default template's."""
    (project.path / "logo.gif").write_bytes(MINE)
    project.commit()
    templates.git("mv", "templates/small", "templates/tiny")
    templates.replace("copier.yml", "[other, small]", "[other, tiny]")
    templates.commit(tag="v1.1.0")

    assert doctor(project) == [
        "error: the newest template has no template 'small'; an update takes 'other'. "
        "Choose one: copier update --data template=...",
        BEHIND,
    ]
    update(project, template="tiny")
    assert answers_of(project.path)["template"] == "tiny"


def test_nothing_is_lost(templates: Repository, project: Repository) -> None:
    """Merged text, deleted files and the owner's own are no loss; a heading is no conflict."""
    project.replace("names.csv", "Smith", "Schmidt")
    (project.path / "mine.png").write_bytes(MINE)
    (project.path / "payload.json").unlink()
    (project.path / "mine.md").write_text("Title\n=======\n\n<<<<<<< begins it\n", "utf-8")
    project.commit()
    improve(templates, "v1.1.0")

    assert doctor(project) == [BEHIND, SAFE]

    update(project)
    assert "Schmidt" in (project.path / "names.csv").read_text("utf-8")
    assert (project.path / "mine.png").read_bytes() == MINE


def test_without_releases(tmp_path: Path) -> None:
    """Without a release the newest commit counts; a project may be a folder of a repository."""
    templates = small_templates(tmp_path / "templates", tag=None)
    project = small_project(templates, tmp_path / "mono/project")
    (project.path / ".git").rename(tmp_path / "git")
    own(tmp_path / "mono")
    assert doctor(project) == [SAFE]
    improve(templates)

    new = templates.git("rev-parse", "--short", "HEAD").strip()
    old = answers_of(project.path)["_commit"]
    assert doctor(project) == [f"warning: the newest template is {new}, this is {old}", SAFE]


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        (None, ".copier-answers.yml cannot be read: "),
        ("a: [", ".copier-answers.yml cannot be read: "),
        ("_src_path: x\n", ".copier-answers.yml has no _src_path or no _commit. "),
        ("_src_path: /nowhere\n_commit: x\n", "the newest version cannot be read: "),
        ("_src_path: git+http://127.0.0.1:9/a\n_commit: x\n", "the newest version cannot be "),
        ("_src_path: {}\n_commit: '1234567'\ntemplate: small\n", "1234567 cannot be read: "),
    ],
)
def test_unusable_answers(
    templates: Repository, project: Repository, answers: str | None, what: str
) -> None:
    """What an update cannot do without is told in a line."""
    path = project.path / ".copier-answers.yml"
    path.unlink()
    if answers is not None:
        path.write_text(answers.format(templates.path), "utf-8")

    (line,) = doctor(project)
    assert line.startswith(f"error: {what}")


def test_no_git(project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not under git, or a machine without git, is told in git's or one line."""
    (project.path / ".git").rename(tmp_path / "git")
    assert "error: fatal: not a git repository" in doctor(project)[0]
    monkeypatch.setenv("PATH", "")
    assert doctor(project) == ["error: git is not installed, and an update needs it."]
