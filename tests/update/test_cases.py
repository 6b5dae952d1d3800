"""What an owner may ask of Copier: other answers, another template, a copy anew, a look ahead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.generate.repository import Repository, make, make_at, own, run_copier
from tests.update.merging import RUNTIME, tree
from tests.update.projects import answers_of, unmerged, update
from tests.update.small import improve, small_project, small_templates

DEFAULT = "(template_index | selectattr('name', 'equalto', template) | first).predicts"


@pytest.fixture
def released(tmp_path: Path, snapshot: Repository) -> Repository:
    """Return a repository of our templates with a release."""
    templates = snapshot.clone(tmp_path / "released")
    templates.git("tag", "v1.0.0")
    return templates


def project_of(templates: Repository, path: Path, **answers: str) -> Repository:
    """Return a new project in the hands of its owner."""
    return own(make(templates, path, **{"template": "generic", **answers}).path)


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
    after = tree(project.path)
    assert after.pop(RUNTIME) != before.pop(RUNTIME)
    assert after == before


@pytest.mark.parametrize(
    "answer", [{"template": "sklearn"}, {"storage": "s3"}, {"deploy": "kubernetes"}], ids=str
)
def test_answer_is_changed(released: Repository, tmp_path: Path, answer: dict[str, str]) -> None:
    """`copier update --data deploy=kubernetes` gives what a copy with that answer has, and back.

    Another template turns a project into another one. The owner's files stay.
    """
    project = project_of(released, tmp_path / "one" / "project")
    (project.path / "src/mine.py").write_text("MINE = 7\n", "utf-8")
    project.commit()
    answers, before = answers_of(project.path), tree(project.path)

    update(project, **answer)

    same = {"template": "generic", "description": answers["description"]}
    other = make(released, tmp_path / "two" / "project", **{**same, **answer})
    assert tree(project.path) == tree(other.path) | {"src/mine.py": b"MINE = 7\n"}
    assert answers_of(project.path) == answers_of(other.path)
    assert unmerged(project) == []
    if "deploy" in answer:
        project.commit()
        update(project, deploy="docker")
        assert tree(project.path) == before


def test_project_is_renamed(released: Repository, tmp_path: Path) -> None:
    """Another name, and another Python, do not meet what an owner writes beside them."""
    project = project_of(released, tmp_path / "one" / "project", deploy="kubernetes")
    path = project.path / "mldock.json"
    settings = json.loads(path.read_bytes())
    written = {"version": "0.2.0", "environment": {"MINE": "1"}}
    # As `nox -s data -- add` writes it.
    path.write_text(json.dumps({**settings, **written}, indent=2) + "\n", "utf-8")
    for name in ("trainer", "prediction"):
        with (project.path / f"src/{name}.py").open("a") as file:
            file.write('\n\ndef mine() -> int:\n    """Return one."""\n    return 1\n')
    project.commit()
    answers = {"project_name": "Claims Model", "image_name": "claims-model"}

    update(project, **answers, python_version="3.12")

    assert unmerged(project) == []
    changed = {"image_name": "claims-model", "python_version": "3.12"}
    assert json.loads(path.read_bytes()) == {**settings, **written, **changed}
    same = {"template": "generic", "deploy": "kubernetes", "python_version": "3.12"}
    other = tree(make(released, tmp_path / "two" / "project", **same, **answers).path)
    mine = {"mldock.json", "src/trainer.py", "src/prediction.py"}
    after = tree(project.path)
    assert {name for name in other if after[name] != other[name]} == mine


def test_repository_that_exists(released: Repository, tmp_path: Path) -> None:
    """What was there stays; in what both have, the owner's part is an edit that updates keep."""
    path = tmp_path / "shop"
    own_files = {
        "README.md": "# Shop\n",
        ".gitignore": "secrets/\n",
        "src/prices.py": "PRICE = 1\n",
    }
    for name, text in own_files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, "utf-8")
    project = own(path)
    command = ["copy", "--defaults", "--data", "template=generic", str(released.path), str(path)]
    assert run_copier(*command).returncode != 0
    project.git("clean", "--force", "-d", "--quiet")
    assert set(tree(path)) == set(own_files)

    result = run_copier(*command, "--overwrite")

    assert result.returncode == 0, result.stdout
    assert project.git("diff", "--name-only").split() == [".gitignore", "README.md"]
    assert (path / "src/prices.py").read_text("utf-8") == "PRICE = 1\n"
    project.git("checkout", "HEAD", "README.md")
    with (path / ".gitignore").open("a") as file:
        file.write("secrets/\n")
    project.commit()
    released.replace("templates/generic/src/trainer.py", "the features, one row", "rows of a")
    released.commit(tag="v1.1.0")

    update(project)

    assert unmerged(project) == []
    assert "rows of a" in (path / "src/trainer.py").read_text("utf-8")
    assert (path / "README.md").read_text("utf-8") == "# Shop\n"
    assert (path / ".gitignore").read_text("utf-8").endswith("secrets/\n")


def test_recopy(templates: Repository, project: Repository) -> None:
    """`copier recopy` makes the template's files anew, with the answers; all else stays."""
    new = tree(project.path)
    project.replace("README.md", "First.", "Mine.")
    (project.path / "payload.json").unlink()
    (project.path / "mine.py").write_text("MINE = 7\n", "utf-8")
    project.commit()

    result = run_copier("recopy", "--defaults", "--overwrite", str(project.path))

    assert result.returncode == 0, result.stdout
    assert tree(project.path) == new | {"mine.py": b"MINE = 7\n"}
    assert answers_of(project.path)["_src_path"] == str(templates.path)
    assert answers_of(project.path)["template"] == "small"


def test_monorepo(templates: Repository, tmp_path: Path) -> None:
    """Of two projects in a repository one is updated; the other, though not committed, stays."""
    for name in ("ages", "tumors"):
        make_at(templates, tmp_path / "mono" / name, None, template="small")
    mono = own(tmp_path / "mono")
    improve(templates, "v1.1.0")
    (mono.path / "tumors/README.md").write_text("Mine, half written.\n", "utf-8")
    other = tree(mono.path / "tumors")

    update(Repository(mono.path / "ages"))

    assert "Third, improved." in (mono.path / "ages/README.md").read_text("utf-8")
    assert tree(mono.path / "tumors") == other
    changed = set(mono.git("status", "--porcelain").split()[1::2])
    assert changed == {"ages/.copier-answers.yml", "ages/README.md", "tumors/README.md"}


def test_check_update(templates: Repository, project: Repository) -> None:
    """`copier check-update` prints both versions; with `--quiet` its exit code says it: 0 or 2."""
    path = str(project.path)
    assert run_copier("check-update", "--quiet", path).returncode == 0
    improve(templates, "v1.1.0")

    told = run_copier("check-update", "--output-format", "json", path)

    assert told.returncode == 0
    assert json.loads(told.stdout) == {
        "update_available": True,
        "current_version": "1.0.0",
        "latest_version": "1.1.0",
    }
    assert run_copier("check-update", "--quiet", path).returncode == 2


def test_without_tags(tmp_path: Path) -> None:
    """Without a release, each commit is one; the first release is newer than all of them."""
    templates = small_templates(tmp_path / "templates", tag=None)
    project = small_project(templates, tmp_path / "project")
    improve(templates)
    head = templates.git("rev-parse", "--short", "HEAD").strip()

    update(project)

    assert "Third, improved." in (project.path / "README.md").read_text("utf-8")
    assert answers_of(project.path)["_commit"] == head
    project.commit()
    templates.git("tag", "v0.1.0")
    update(project)
    assert answers_of(project.path)["_commit"] == "v0.1.0"


def test_deleted_file_stays_deleted(templates: Repository, project: Repository) -> None:
    """A file that the owner has deleted does not come back, even where the template changes it."""
    (project.path / "README.md").unlink()
    project.commit()
    path = str(project.path)
    assert "Keeping template version 1.0.0" in run_copier("update", "--defaults", path).stdout
    improve(templates, "v1.1.0")

    # No --trust is needed.
    result = run_copier("update", "--defaults", path)

    assert result.returncode == 0, result.stdout
    assert not (project.path / "README.md").exists()
    assert answers_of(project.path)["_commit"] == "v1.1.0"
    assert unmerged(project) == []
