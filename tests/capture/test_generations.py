"""Projects of captured templates: they are updated, and become templates too."""

from __future__ import annotations

import json
from pathlib import Path

import copier
import pytest

from extensions.model import CaptureError
from tests.capture.making import NAME, capture, written
from tests.generate.repository import Repository, make, own


def test_grandchild(templates: Repository, by_hand: Repository, tmp_path: Path) -> None:
    """It keeps what the first one has, with its question and the answer of its project."""
    capture(templates, by_hand.path, "epochs=20", data=NAME)
    templates.commit()
    answers = {"template": "churn-model", "project_name": "Late Payers", "epochs": "7"}
    project = own(make(templates, tmp_path / "late", **answers).path)
    project.replace("src/requirements.txt", "numpy==2.2.0", "numpy==2.2.1  # late-payers")
    project.commit()

    result = capture(templates, project.path)

    assert result.data["parent"] == "churn-model"
    sources = written(templates, "late-payers")
    assert sources["src/requirements.txt.jinja"].text == "numpy==2.2.1  # {{ project_kebab }}\n"
    templates.commit()
    again = make(templates, tmp_path / "again", template="late-payers", project_name="Late Payers")
    trainer = (again.path / "src/trainer.py").read_text("utf-8")
    assert "EPOCHS = 20\n" in trainer
    fewer = make(templates, tmp_path / "fewer", template="late-payers", epochs="3")
    assert "EPOCHS = 3\n" in (fewer.path / "src/trainer.py").read_text("utf-8")
    # It is asked for, so an update finds it again.
    assert "epochs: 3\n" in (fewer.path / ".copier-answers.yml").read_text("utf-8")


def test_name_of_the_parent(templates: Repository, by_hand: Repository, tmp_path: Path) -> None:
    """A template cannot take the place of the one that it comes from."""
    capture(templates, by_hand.path, data=NAME)
    templates.commit()
    made = make(templates, tmp_path / "late", template="churn-model", project_name="Late Payers")
    project = own(made.path)

    with pytest.raises(CaptureError, match="--name"):
        capture(templates, project.path, name="churn-model")

    assert templates.git("status", "--porcelain") == ""


def test_question_of_the_parent(templates: Repository, by_hand: Repository, tmp_path: Path) -> None:
    """In a file that its project has changed, the parent's question is still one."""
    capture(templates, by_hand.path, "epochs=20", data=NAME)
    templates.commit()
    answers = {"template": "churn-model", "project_name": "Late Payers", "epochs": "7"}
    project = own(make(templates, tmp_path / "late", **answers).path)
    project.replace("src/trainer.py", "PATIENCE = 20", "PATIENCE = 30")
    project.commit()

    capture(templates, project.path)

    source = written(templates, "late-payers")["src/trainer.py.jinja"].text or ""
    assert "EPOCHS = {{ epochs }}\nPATIENCE = 30\n" in source


def test_parameter_in_a_file_of_the_parent(templates: Repository, tmp_path: Path) -> None:
    """A literal that the parent has written becomes a question, in a file that is now its own."""
    project = own(make(templates, tmp_path / "model", template="sklearn").path)

    result = capture(templates, project.path, "n_estimators=100", name="forest")

    assert {"mldock.json", "src/trainer.py"} <= set(result.data["own"])
    assert "storage is always 'local': changed files depend on it (mldock.json" in result.text
    templates.commit()
    made = make(templates, tmp_path / "small", template="forest", n_estimators="7").path
    settings = json.loads((made / "mldock.json").read_text("utf-8"))
    assert settings["hyperparameters"] == {"n_estimators": 7}


def test_update(templates: Repository, by_hand: Repository, tmp_path: Path) -> None:
    """What the captured project changed later reaches the projects of its template."""
    capture(templates, by_hand.path, "epochs=20", data=NAME)
    templates.commit("v1.0.0")
    answers = {"template": "churn-model", "project_name": "Late Payers", "epochs": "7"}
    project = own(make(templates, tmp_path / "late", **answers).path)
    project.replace("README.md", "größer", "mine, größer")
    project.commit()
    by_hand.replace("src/trainer.py", "PATIENCE = 20", "PATIENCE = 30")
    by_hand.commit()
    capture(templates, by_hand.path, name="churn-model")
    templates.commit("v1.1.0")

    copier.run_update(project.path, defaults=True, overwrite=True, quiet=True, unsafe=False)

    trainer = (project.path / "src/trainer.py").read_text("utf-8")
    assert "EPOCHS = 7\nPATIENCE = 30\n" in trainer
    assert "mine, größer" in (project.path / "README.md").read_text("utf-8")
    changed = project.git("status", "--porcelain").split()
    assert changed == ["M", ".copier-answers.yml", "M", "src/trainer.py"]
