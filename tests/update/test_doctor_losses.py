"""`nox -s doctor`: what `copier update` would lose without a word is told before, and is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.repository import Repository
from tests.update.doctor import errors, examine, told
from tests.update.projects import answers_of, update
from tests.update.small import LOGO, improve

HIDDEN = "1 file is hidden from git; an update overwrites or deletes what git does not know"
UNMERGEABLE = "1 file is yours, and binary or not UTF-8; an update takes the template's"
GONE = "1 file is yours, and no longer in the template; an update deletes what it does not have"
MINE = b"\x89PNG\r\n\x1a\n\0mine"


def restore(project: Repository, name: str) -> None:
    """Do what the doctor advises after the update."""
    project.git("checkout", "--quiet", "HEAD", "--", name)


def test_binary(templates: Repository, project: Repository) -> None:
    """A binary file of the owner's is told; the update takes the template's, the remedy helps."""
    logo = project.path / "logo.png"
    logo.write_bytes(MINE)
    project.commit()
    improve(templates, "v1.1.0")

    assert errors(project.path) == {UNMERGEABLE: ["logo.png"]}

    update(project)
    assert logo.read_bytes() == LOGO
    restore(project, "logo.png")
    assert logo.read_bytes() == MINE


def test_text_that_is_not_utf8(templates: Repository, project: Repository) -> None:
    """Letters of another encoding are told; the update drops them, the remedy helps."""
    names = project.path / "names.csv"
    mine = "name\nMüller\nSmith\n".encode("latin-1")
    names.write_bytes(mine)
    project.commit()
    improve(templates, "v1.1.0")

    assert errors(project.path) == {UNMERGEABLE: ["names.csv"]}

    update(project)
    assert names.read_bytes() != mine
    restore(project, "names.csv")
    assert names.read_bytes() == mine


@pytest.mark.parametrize("mine", ["[1]\n", "[7]\n"])
def test_hidden_file(templates: Repository, project: Repository, mine: str) -> None:
    """A file that the owner's .gitignore hides is told; an update deletes it, changed or not."""
    payload = hide(project, mine)
    improve(templates, "v1.1.0")

    assert errors(project.path) == {HIDDEN: ["payload.json"]}

    update(project)
    assert not payload.exists()


def test_hidden_file_that_is_added(templates: Repository, project: Repository) -> None:
    """The remedy helps: git may know a file that is ignored."""
    payload = hide(project, "[7]\n")
    project.git("add", "--force", "payload.json")
    project.commit()
    improve(templates, "v1.1.0")

    assert errors(project.path) == {}

    update(project)
    assert payload.read_text("utf-8") == "[7]\n"


def test_hidden_file_that_the_template_adds(templates: Repository, project: Repository) -> None:
    """A file of the owner's that git does not know is told before the template's replaces it."""
    (project.path / ".env").write_text("MINE=7\n", "utf-8")
    (templates.path / "templates/small/.env").write_text("MINE=1\n", "utf-8")
    templates.git("add", "--force", "templates/small/.env")
    templates.commit(tag="v1.1.0")

    assert errors(project.path) == {HIDDEN: [".env"]}

    update(project)
    assert (project.path / ".env").read_text("utf-8") == "MINE=1\n"


def hide(project: Repository, content: str) -> Path:
    """Hide a file of the template from git, with a content."""
    with (project.path / ".gitignore").open("a", encoding="utf-8") as file:
        file.write("payload.json\n")
    project.git("rm", "--quiet", "--cached", "payload.json")
    (project.path / "payload.json").write_text(content, "utf-8")
    project.commit()
    return project.path / "payload.json"


def test_file_that_the_template_dropped(templates: Repository, project: Repository) -> None:
    """A file that the owner changed is told before a version without it deletes it."""
    project.replace("names.csv", "Smith", "Mine")
    project.commit()
    (templates.path / "templates/small/names.csv").unlink()
    improve(templates, "v1.1.0")

    assert errors(project.path) == {GONE: ["names.csv"]}

    update(project)
    assert not (project.path / "names.csv").exists()
    restore(project, "names.csv")
    assert "Mine" in (project.path / "names.csv").read_text("utf-8")


def test_template_that_is_gone(templates: Repository, project: Repository) -> None:
    """A template of another name is told, before the project becomes the default template's."""
    project.replace("names.csv", "Smith", "Mine")
    project.commit()
    templates.git("mv", "templates/small", "templates/tiny")
    templates.replace("copier.yml", "[other, small]", "[other, tiny]")
    templates.commit(tag="v1.1.0")

    (found,) = [finding for finding in examine(project.path) if finding["level"] == "error"]

    assert found["what"] == "The newest template has no template 'small'; an update takes 'other'"
    assert found["remedy"] == "Answer it: copier update --data template=..."
    update(project, template="tiny")
    assert answers_of(project.path)["template"] == "tiny"
    assert "Mine" in (project.path / "names.csv").read_text("utf-8")


def test_nothing_is_lost(templates: Repository, project: Repository) -> None:
    """Text that is merged, files of the owner's own and files that git knows are no loss."""
    project.replace("names.csv", "Smith", "Schmidt")
    (project.path / "mine.png").write_bytes(MINE)
    (project.path / "payload.json").unlink()
    (project.path / ".env").write_text("MINE=7\n", "utf-8")
    project.commit()
    improve(templates, "v1.1.0")

    assert errors(project.path) == {}
    assert told(project.path, "note") == [
        "1 file is of the template and changed by you",
        "1 file is of the template and deleted by you",
    ]

    update(project)
    assert "Schmidt" in (project.path / "names.csv").read_text("utf-8")
    assert (project.path / "mine.png").read_bytes() == MINE
    assert (project.path / ".env").read_text("utf-8") == "MINE=7\n"
    assert not (project.path / "payload.json").exists()
