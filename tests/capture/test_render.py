"""Rendering through Copier: what `copier copy` makes, without the person who runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import plumbum
import pytest

from extensions.model import CaptureError, File, Value
from extensions.rendering import ANSWERS, nobody_there, render, without_git
from extensions.runtime import runtime_answer
from extensions.trees import read_tree
from extensions.variants import variants
from tests.generate.repository import Repository, make
from tests.project import TEMPLATES

TRAINER = "templates/generic/src/trainer.py"


@pytest.mark.parametrize("template", TEMPLATES)
def test_as_copier_makes_it(tmp_path: Path, snapshot: Repository, template: str) -> None:
    """A rendering has the bytes and modes of a project that is made from the repository."""
    project = read_tree(make(snapshot, tmp_path / "project", template=template).path)
    answers_file = project.pop(ANSWERS).content

    made = render(snapshot.path, {"template": template, **runtime_answer(project)})

    assert made.files == project
    assert made.files["src/container/executor.sh"].executable
    assert all(f"\n{name}:".encode() in answers_file for name in made.asked)


def test_answers(snapshot: Repository) -> None:
    """The derived answers are there; which of all are asked is said."""
    answers = {"project_name": "Zebra-Crossing", "template": "pytorch", "_commit": "none"}
    made = render(snapshot.path, answers)

    assert made.answers["project_snake"] == "zebra_crossing"
    assert made.answers["bucket"] == "zebra-crossing"
    assert made.answers["family"] == "pytorch"
    asked = {"accelerator", "ci", "deploy", "description", "image_name"}
    assert made.asked == asked | {"project_name", "python_version", "storage", "template"}
    assert not [name for name in made.answers if name.startswith("_")]


def test_working_tree(templates: Repository) -> None:
    """What git would track is rendered, in any state; what it ignores is not."""
    trainer = templates.path / TRAINER
    (trainer.parent / "__pycache__").mkdir()
    (trainer.parent / "__pycache__/trainer.pyc").write_bytes(b"\0")
    (trainer.parent / "new.py").write_text("NEW = 1\n")
    (trainer.parent / "prediction.py").unlink()
    trainer.write_text("CHANGED = 1\n")

    files = render(templates.path, {"template": "generic"}).files

    assert files["src/trainer.py"] == File(b"CHANGED = 1\n")
    assert not [path for path in files if path.endswith(".pyc")]
    assert {path for path in files if path.startswith("src/") and path.count("/") == 1} == {
        "src/apt.txt",
        "src/new.py",
        "src/requirements.lock",
        "src/requirements.txt",
        "src/trainer.py",
    }


def test_commit(templates: Repository) -> None:
    """A commit is rendered as it was, modes too."""
    answers = {"template": "generic", "runtime": "mldock-runtime==1.2"}
    before = render(templates.path, answers).files
    commit = templates.git("rev-parse", "--short", "HEAD").strip()
    (templates.path / TRAINER).write_text("CHANGED = 1\n")
    templates.commit()

    assert render(templates.path, answers, commit).files == before
    assert render(templates.path, answers, "HEAD").files != before
    with pytest.raises(CaptureError, match="nothing-like-it is not a commit"):
        render(templates.path, answers, "nothing-like-it")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"one\n{{ name", r"templates/generic/src/new\.py\.jinja:2: unexpected end"),
        (b"one\n{{ nonsense }}", r"templates/generic/src/new\.py\.jinja:2: 'nonsense' is undef"),
        (b"\xff", r"templates/generic/src/new\.py\.jinja, which is not UTF-8 text: "),
    ],
)
def test_error_names_the_file(templates: Repository, source: bytes, message: str) -> None:
    """A source that Copier cannot render is named, with the line."""
    (templates.path / "templates/generic/src/new.py.jinja").write_bytes(source)

    with pytest.raises(CaptureError, match=message):
        render(templates.path, {"template": "generic"})


def test_error_in_a_name(templates: Repository) -> None:
    """A name that cannot be rendered is named."""
    (templates.path / "templates/generic/{{ new.py").write_text("")

    with pytest.raises(CaptureError, match=r"the template: .*path \{\{ new\.py"):
        render(templates.path, {"template": "generic"})


def test_one_name_for_two(templates: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copier is not let ask which of two files to take, even where somebody could answer."""
    for name in ("new.py", "{{ 'new' }}.py"):
        (templates.path / "templates/generic" / name).write_text(name)
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("somebody is asked"))

    with pytest.raises(CaptureError, match="Two sources of the template become the same file"):
        render(templates.path, {"template": "generic"})


def test_refused_answer(snapshot: Repository) -> None:
    """An answer that a question does not take is named."""
    with pytest.raises(CaptureError, match="storage"):
        render(snapshot.path, {"template": "generic", "storage": "attic"})


def test_git_and_terminal() -> None:
    """Copier finds no git and nobody to ask, and only while it renders."""
    terminal = sys.stdin
    with without_git(), nobody_there():
        assert "git" not in plumbum.local
        assert sys.stdin.read() == ""
    assert "git" in plumbum.local
    assert sys.stdin is terminal


@pytest.mark.parametrize("name", ["Zebra-Crossing", "zebraCrossing", "a1.b_C 2", "HTTPServer2x"])
def test_forms(snapshot: Repository, name: str) -> None:
    """The names are spelled as the capture looks for them."""
    made = render(snapshot.path, {"project_name": name, "template": "generic"})

    spelled = variants(Value("project_name", name, has_variants=True))
    assert len(spelled) == 6
    assert {variant.variable: variant.text for variant in spelled}.items() <= made.answers.items()
