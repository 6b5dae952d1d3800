"""A release keeps every template, question and choice: projects have answered them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scripts.answers import Answers, lost, read
from tests.generate.repository import Repository, make
from tests.project import TEMPLATES
from tests.update.projects import answers_of

NAMES = st.sets(st.text("abc", min_size=1, max_size=3), max_size=4).map(frozenset)
ANSWERS = st.builds(Answers, NAMES, st.dictionaries(st.text("abc", min_size=1, max_size=3), NAMES))


@pytest.fixture
def templates(tmp_path: Path, snapshot: Repository) -> Repository:
    """Return a repository with the release 1.0.0."""
    clone = snapshot.clone(tmp_path / "clone")
    clone.git("tag", "v1.0.0")
    return clone


def reasons(templates: Repository) -> list[str]:
    """Return what a next release of the working tree would lose."""
    return lost(read(templates.path, "v1.0.0"), read(templates.path, None))


def test_all_is_read(templates: Repository, tmp_path: Path) -> None:
    """What projects keep as their answers is known, with its choices; nothing is lost by itself."""
    answers = read(templates.path, "v1.0.0")

    assert answers == read(templates.path, None)
    assert answers.templates == set(TEMPLATES)
    stored = {
        name
        for template in TEMPLATES
        for name in answers_of(make(templates, tmp_path / template, template=template).path)
    }
    # They are stored by who names one.
    stored |= {"base_image", "runtime"}
    assert set(answers.choices) == {name for name in stored if not name.startswith("_")}
    assert answers.choices["storage"] == {"local", "s3", "gs", "az"}
    assert answers.choices["deploy"] >= {"docker", "kubernetes", "sagemaker"}
    assert answers.choices["python_version"] == {"3.11", "3.12", "3.13", "3.14"}
    assert answers.choices["accelerator"] == {"cpu", "cuda"}
    assert answers.choices["project_name"] == set()
    assert reasons(templates) == []


def test_template_is_gone(templates: Repository) -> None:
    """A template that is renamed would turn its projects into others."""
    templates.git("mv", "templates/generic.yml", "templates/plain.yml")
    templates.replace("templates/plain.yml", "name: generic", "name: plain")

    assert reasons(templates) == [
        "The template generic is gone. Projects would lose their answers."
    ]


def test_choice_is_gone(templates: Repository) -> None:
    """A choice that some project has made stays."""
    templates.replace("copier.yml", '    "Azure Blob Storage": az\n', "")
    templates.replace("copier.yml", '"3.11", ', "")

    assert [reason.split(" Projects")[0] for reason in reasons(templates)] == [
        "The question python_version has lost 3.11.",
        "The question storage has lost az.",
    ]


def test_question_is_gone(templates: Repository) -> None:
    """A question of one template counts too."""
    (templates.path / "templates/_questions/sklearn.yml").unlink()

    (reason,) = reasons(templates)
    assert reason.startswith("The question compile_model is gone. One that takes its place needs")
    assert "{{ compile_model | default(...) }}" in reason


def test_renamed_question_keeps_its_answer(templates: Repository) -> None:
    """A question may get another name if its default takes over the answer."""
    path = templates.path / "templates/_questions/sklearn.yml"
    question = yaml.safe_load(path.read_text("utf-8"))["compile_model"]
    for default, is_kept in (("compile_model", True), ("compile_models", False)):
        renamed = {**question, "default": f"{{{{ {default} | default(true) }}}}"}
        path.write_text(yaml.safe_dump({"compiled": renamed}), "utf-8")
        assert (reasons(templates) == []) == is_kept


@given(ANSWERS, ANSWERS)
def test_more_is_never_less(old: Answers, new: Answers) -> None:
    """What is added loses nothing; what is taken away from that is told."""
    choices = {
        name: old.choices.get(name, frozenset()) | new.choices.get(name, frozenset())
        for name in {*old.choices, *new.choices}
    }
    both = Answers(old.templates | new.templates, choices)

    assert lost(old, both) == []
    assert bool(lost(both, old)) == (
        not both.templates <= old.templates
        or not both.choices.keys() <= old.choices.keys()
        or any(found and choices[name] - found for name, found in old.choices.items())
    )
