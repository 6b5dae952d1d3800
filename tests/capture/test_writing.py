"""What a capture writes: the sources, the description, the section, the test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from extensions.model import CaptureError, File
from extensions.record import sections
from extensions.reverse import environment
from extensions.template import asked_for, build
from tests.capture.making import BY_HAND, NAME, capture, written
from tests.capture.trees import add
from tests.generate.repository import Repository, make


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory, snapshot: Repository) -> Repository:
    """Return templates with one that was captured and committed."""
    from tests.capture.trees import build as build_project

    folder = tmp_path_factory.mktemp("captured")
    templates = snapshot.clone(folder / "templates")
    project = build_project(folder / "churn", BY_HAND)
    capture(templates, project.path, "epochs=20", data=NAME)
    templates.commit()
    return templates


def test_each_file_is_stored_as_plainly_as_it_can_be(captured: Repository) -> None:
    """Only what has a variable goes through Jinja, and what would act where it lies."""
    sources = written(captured, "churn-model")

    assert set(sources) == {
        "{{ _copier_conf.answers_file }}.jinja",
        "README.md.jinja",
        "mldock.json.jinja",
        "src/trainer.py.jinja",
        "src/prediction.py.jinja",
        "src/{{ project_snake }}/__init__.py",
        "src/container/Dockerfile.jinja",
        "src/container/executor.sh.jinja",
        "src/requirements.txt",
        "src/container/page.html.jinja.jinja",
        ".gitignore.jinja",
        ".gitattributes.jinja",
        "sub/.gitignore.jinja",
        ".github/workflows/test.yml.jinja",
        "data/latin.csv",
        "data/both.bin",
        "data/empty.txt",
        "data/bom.csv",
        "docs/übung {x}/notes {{ project_kebab }}.md",
        "tests/test_names.py",
    }
    for name in ("data/latin.csv", "data/both.bin", "data/bom.csv", "src/requirements.txt"):
        assert sources[name].content == BY_HAND[name]
    assert sources["src/container/executor.sh.jinja"].executable
    workflow = sources[".github/workflows/test.yml.jinja"].text or ""
    assert "{{ project_kebab }}" in workflow


def test_another_project(captured: Repository, tmp_path: Path) -> None:
    """`copier copy` with another name and another answer gives them everywhere."""
    answers = {"template": "churn-model", "project_name": "Late Payers", "epochs": "7"}

    project = make(captured, tmp_path / "late", **answers).path

    trainer = (project / "src/trainer.py").read_text("utf-8")
    assert "EPOCHS = 7\nPATIENCE = 20\n" in trainer
    assert "class LatePayersTrainer:" in trainer
    assert "demographic columns stay" in trainer
    assert 'name = "late_payers"' in trainer
    assert (project / "src/late_payers/__init__.py").is_file()
    assert (project / "docs/übung {x}/notes late-payers.md").is_file()
    assert b"from late_payers import score\r\n" in (project / "src/prediction.py").read_bytes()
    assert "${{ secrets.TOKEN }}" in (project / ".github/workflows/test.yml").read_text("utf-8")
    stored = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
    assert stored["epochs"] == 7
    assert "project_snake" not in stored


def test_description_and_question(captured: Repository) -> None:
    """NAME.yml describes and records; nothing in it or in the questions begins with `_`."""
    folder = captured.path / "templates"
    described = yaml.safe_load((folder / "churn-model.yml").read_text("utf-8"))
    asked = yaml.safe_load((folder / "_questions/churn-model.yml").read_text("utf-8"))

    assert described["name"] == "churn-model"
    assert described["title"] == "Churn Model"
    assert described["captured"]["answers"] == NAME
    assert described["captured"]["left"]["data/both.bin"] == 1
    assert set(asked) == {"epochs"}
    assert asked["epochs"] == {
        "type": "int",
        "help": "Epochs?",
        "default": 20,
        "when": asked_for("churn-model"),
    }


def test_page(captured: Repository) -> None:
    """The template has its line in the table and its section, with its question."""
    page = (captured.path / "templates/README.md").read_text("utf-8")

    assert "| [churn-model](#churn-model) | Churn Model | What Churn Model predicts. |" in page
    section = sections(page)["churn-model"]
    assert "| `epochs` | int | `20` | Epochs? |" in section
    assert f"{len(BY_HAND)} files are its own" in section
    assert set(sections(page)) == {"churn-model", "generic", "pytorch", "sklearn"}


def test_generated_test_passes_and_can_fail(captured: Repository, tmp_path: Path) -> None:
    """The test that is written passes; it fails once the template says the old name."""
    clone = captured.clone(tmp_path / "clone")
    test = "tests/captured/test_churn_model.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]

    good = subprocess.run(command, cwd=clone.path, capture_output=True, text=True)
    readme = clone.path / "templates/churn-model/README.md.jinja"
    readme.write_text("# churn-model\n", "utf-8")
    bad = subprocess.run(command, cwd=clone.path, capture_output=True, text=True)

    assert good.returncode == 0, good.stdout
    assert "2 passed" in good.stdout
    assert bad.returncode == 1
    assert "says the name of the project" in bad.stdout


def test_written_code_is_in_shape(captured: Repository) -> None:
    """The repository's own format and style hold for the test that is written."""
    test = "tests/captured/test_churn_model.py"
    for arguments in (["format", "--diff"], ["check"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", test]
        result = subprocess.run(command, cwd=captured.path, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout


def test_ignored_here(templates: Repository, by_hand: Repository) -> None:
    """A file that a commit of the templates would leave out is refused, not lost."""
    with (templates.path / ".gitignore").open("a", encoding="utf-8") as file:
        file.write("*.md.bak\n")
    add(by_hand, {"notes.md.bak": b"kept\n"})

    with pytest.raises(CaptureError) as caught:
        capture(templates, by_hand.path, data=NAME)

    assert "templates/churn-model/notes.md.bak" in str(caught.value)
    assert not (templates.path / "templates/churn-model").exists()


def test_file_that_would_be_dropped() -> None:
    """Copier takes `a.jinja.jinja` for the source of `a.jinja`, which `a` has become."""
    assert "a.jinja.jinja" in build({"a.jinja": File(b"x"), "a": File(b"y")}, (), {}, environment())
    with pytest.raises(CaptureError, match=r"a and a\.jinja"):
        build({"a.jinja": File(b"x")}, (), {"a.jinja": File(b"z")}, environment())
