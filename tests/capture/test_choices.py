"""Questions that a template of an owner's project still asks, and those it cannot."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from extensions.inheriting.choices import CHOICES, lost
from extensions.inheriting.links import Manner
from extensions.model import CaptureError, File
from extensions.rendering.render import render
from tests.capture.heirs import edited, heir, make_project, render_heir, replaced
from tests.generate.repository import Repository
from tests.project import ROOT

LOCK = "src/requirements.lock"
REQUIREMENTS = "src/requirements.txt"


def test_list() -> None:
    """The choices are the questions that copier.yml does not ask where they are fixed."""
    paths = [ROOT / "copier.yml", *(ROOT / "templates/_questions").glob("*.yml")]
    texts = [path.read_text("utf-8") for path in paths if path.stem in TEMPLATES_OWN]
    found = {name for text in texts for name in re.findall(r"'(\w+)' not in fixed", text)}
    assert found == set(CHOICES)


TEMPLATES_OWN = {"copier", "generic", "pytorch", "sklearn"}


def test_lock_of_the_owner(tmp_path: Path, snapshot: Repository) -> None:
    """A lock that the owner wrote for one storage is right for no other."""
    made, answers = make_project(snapshot.path, "sklearn", storage="s3")
    project = {**made.files, LOCK: File(b"boto3==1.44.5\nnumpy==2.5.5\n")}

    found = heir(snapshot.path, project, answers)

    assert LOCK not in found.covered
    assert found.fixed == {"storage": "s3", "compile_model": True}
    again = render_heir(tmp_path, snapshot.path, project, found, answers)
    assert again.files == project
    assert again.answers["storage"] == "s3"
    assert made.asked - again.asked == {"storage", "compile_model"}
    defaults = {name: value for name, value in answers.items() if name not in found.fixed}
    assert render(tmp_path, {**defaults, "template": "heir"}).files == project


def test_version_in_the_lock(tmp_path: Path, snapshot: Repository) -> None:
    """A version that the owner changed leaves all choices."""
    made, answers = make_project(snapshot.path, "sklearn")
    project = edited(made.files, LOCK, lambda text: text.replace("numpy==2.5.5", "numpy==2.5.4"))

    found = heir(snapshot.path, project, answers)

    assert found.covered[LOCK] is Manner.MERGED
    assert found.fixed == {}
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project
    other = render(tmp_path, {**answers, "template": "heir", "storage": "az"}).files
    assert b"numpy==2.5.4" in other[LOCK].content
    assert b"azure-identity" in other[LOCK].content


@pytest.mark.parametrize("storage", ["local", "s3"])
def test_requirement_is_added(tmp_path: Path, snapshot: Repository, storage: str) -> None:
    """A requirement at the end of the list is there whatever is answered."""
    made, answers = make_project(snapshot.path, "sklearn", storage=storage)
    project = edited(made.files, REQUIREMENTS, lambda text: text + "xgboost>=3,<4\n")

    found = heir(snapshot.path, project, answers)

    assert found.covered[REQUIREMENTS] is Manner.MERGED
    assert found.fixed == {}
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project
    for other in ({"storage": "gs"}, {"compile_model": False}):
        files = render(tmp_path, {**answers, "template": "heir", **other}).files
        text = files[REQUIREMENTS].content.decode()
        assert "\nxgboost>=3,<4\n" in text
        assert ("google-cloud-storage" in text) == ("storage" in other)


def test_hyperparameters(tmp_path: Path, snapshot: Repository) -> None:
    """New hyperparameters in mldock.json leave all choices."""
    made, answers = make_project(snapshot.path, "sklearn")
    old, new = '"n_estimators": 100', '"n_estimators": 7,\n    "depth": 3'
    project = replaced(made.files, "mldock.json", old, new)

    found = heir(snapshot.path, project, answers)

    assert found.covered["mldock.json"] is Manner.MERGED_CONFLICT
    assert found.fixed == {}
    assert b"set hyperparameters" not in found.sources["mldock.json.jinja"].content
    assert render_heir(tmp_path, snapshot.path, project, found, answers).files == project
    other = {"storage": "gs", "python_version": "3.10", "template": "heir"}
    text = render(tmp_path, {**answers, **other}).files["mldock.json"].content.decode()
    assert '"depth": 3' in text
    assert "gs://zebra-crossing/training" in text
    assert '"python_version": "3.10"' in text


def test_base_image(tmp_path: Path, snapshot: Repository) -> None:
    """An image that the Dockerfile names itself is right for one Python only."""
    made, answers = make_project(snapshot.path, "generic")
    old = "ARG BASE_IMAGE=python:3.13-slim-trixie"
    project = replaced(made.files, "src/container/Dockerfile", old, "ARG BASE_IMAGE=mine:1.0")

    found = heir(snapshot.path, project, answers)

    base_image = made.answers["base_image"]
    assert found.fixed == {"python_version": "3.13", "base_image": base_image}
    again = render_heir(tmp_path, snapshot.path, project, found, answers)
    assert again.files == project
    assert again.answers["base_image"] == base_image


def test_forced(tmp_path: Path, snapshot: Repository) -> None:
    """A choice can be fixed by its owner, but only one that there is."""
    made, answers = make_project(snapshot.path, "pytorch", accelerator="cuda")

    found = heir(snapshot.path, made.files, answers, "accelerator", "storage")

    assert found.fixed == {"storage": "local", "accelerator": "cuda"}
    again = render_heir(tmp_path, snapshot.path, made.files, found, answers)
    assert again.files == made.files
    assert again.answers["accelerator"] == "cuda"
    with pytest.raises(CaptureError, match="--fix compile_model: name one of python_version, "):
        heir(snapshot.path, made.files, answers, "compile_model")


def test_what_makes_no_difference(snapshot: Repository) -> None:
    """A choice that no file has any use for is not asked."""
    made, answers = make_project(snapshot.path, "generic")
    project = {
        path: file
        for path, file in made.files.items()
        if path not in ("mldock.json", LOCK, REQUIREMENTS, "README.md")
        and not path.startswith((".github/", "deploy/"))
    }

    assert heir(snapshot.path, project, answers).fixed == {"storage": "local"}


def test_lost() -> None:
    """A choice is lost with any of its places, and what it is made from with it."""
    assert lost(Counter(storage=2, base_image=1), Counter(storage=2, base_image=1)) == set()
    assert lost(Counter(storage=2), Counter(storage=1)) == {"storage"}
    assert lost(Counter(base_image=1), Counter()) == {"base_image", "python_version"}
    assert lost(Counter(project_name=1), Counter()) == set()


@pytest.mark.parametrize(
    ("name", "answer"), [("storage", "gs"), ("base_image", "other:1"), ("accelerator", "cuda")]
)
def test_fixed_answer_is_refused(
    tmp_path: Path, snapshot: Repository, name: str, answer: str
) -> None:
    """Nobody gets another answer past the template, not with --data either."""
    made, answers = make_project(snapshot.path, "pytorch")
    found = heir(snapshot.path, made.files, answers, name)
    render_heir(tmp_path, snapshot.path, made.files, found, answers)

    with pytest.raises(
        CaptureError, match=f"'{name}': In this template it is {made.answers[name]}"
    ):
        render(tmp_path, {**answers, "template": "heir", name: answer})
