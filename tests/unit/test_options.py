"""What is given on the command line: parameters, answers, and how they are recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extensions.model import CaptureError, CaseVariant, Occurrence, Status
from extensions.parameters import Parameter, check_names, parse
from extensions.recipe import Recipe, original_answers, problems_of, values_of
from extensions.reverse import environment
from extensions.template import asked_for, name_of, questions_for
from tests.project import ROOT

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(
    lambda text: ",type=" not in text and ",help=" not in text
)


@pytest.mark.parametrize(
    ("option", "type_", "default"),
    [
        ("epochs=20", "int", 20),
        ("rate=0.1", "float", 0.1),
        ("rate=1e-05", "float", 1e-05),
        ("rate=0.10", "str", "0.10"),
        ("code=007", "str", "007"),
        ("code=nan", "str", "nan"),
        ("shuffle=True", "bool", True),
        ("shuffle=true", "str", "true"),
        ("city=Bern, Thun", "str", "Bern, Thun"),
        ("count=20,type=str", "str", "20"),
    ],
)
def test_type_writes_the_literal(option: str, type_: str, default: object) -> None:
    """The type is one whose values are written as the literal is."""
    parameter = parse(option)

    assert (parameter.type, parameter.default) == (type_, default)
    assert environment().from_string("{{ x }}").render(x=parameter.default) == parameter.text


def test_help() -> None:
    """A help may have commas; without one the name is the question."""
    assert parse("n=1,type=int,help=How many, at most?").help == "How many, at most?"
    assert parse("batch_size=8").help == "Batch size?"


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("epochs", "a name, `=` and a literal"),
        ("epochs=", "a name, `=` and a literal"),
        ("_tasks=x", "cannot name a question"),
        ("Epochs=20", "cannot name a question"),
        ("rate=0.10,type=float", "take type=str"),
        ("x=yes,type=bool", "take type=str"),
    ],
)
def test_wrong_parameter(option: str, remedy: str) -> None:
    """It is refused as a mistake of the command line, with what is wanted."""
    with pytest.raises(CaptureError, match=remedy) as caught:
        parse(option)

    assert caught.value.code == 2


@given(TEXTS)
def test_any_literal_is_a_question_that_gives_it_back(text: str) -> None:
    """Copier renders the default of a question; a literal may hold anything."""
    parameter = parse(f"x={text}")
    occurrence = Occurrence(
        "a", 0, 1, 1, 1, CaseVariant(parameter.value, "x", text), Status.ACCEPTED
    )

    asked = questions_for("mine", [parameter], [occurrence], environment())

    default = asked["x"]["default"]
    if isinstance(default, str):
        default = environment().from_string(default).render()
    assert environment().from_string("{{ x }}").render(x=default) == text


def test_only_forms_that_are_used_are_computed() -> None:
    """A text's variants are hidden questions of the template, if a file has them."""
    parameter = parse("city=New Bern")
    variant = CaseVariant(parameter.value, "city_snake", "new_bern")
    occurrence = Occurrence("new_bern.py", 0, 8, 0, 1, variant, Status.ACCEPTED)

    asked = questions_for("mine", [parameter], [occurrence], environment())

    assert set(asked) == {"city", "city_snake"}
    assert asked["city_snake"]["when"] is False
    spelled = environment().from_string(asked["city_snake"]["default"]).render(city="St. Gallen")
    assert spelled == "st_gallen"
    # An answer without a letter would leave no name for the file.
    refusal = environment().from_string(asked["city"]["validator"])
    assert refusal.render(city="--")
    assert not refusal.render(city="Thun")


@pytest.mark.parametrize("name", ["image_name", "storage", "compile_model", "template", "not"])
def test_taken_names(name: str) -> None:
    """A question of any template, and a word of Jinja, is no name for another one."""
    parameter = Parameter(name, "x", "str", "?")

    assert check_names([parameter], ROOT, "mine", environment())


def test_own_names_are_free(tmp_path: Path) -> None:
    """The questions that a template has from its last capture are its own."""
    folder = tmp_path / "templates/_questions"
    folder.mkdir(parents=True)
    (tmp_path / "copier.yml").write_text("project_name:\n  type: str\n", "utf-8")
    (folder / "mine.yml").write_text("epochs:\n  type: int\n", "utf-8")

    assert not check_names([parse("epochs=20")], tmp_path, "mine", environment())
    assert check_names([parse("epochs=20")], tmp_path, "other", environment())


def test_given_answers_win() -> None:
    """`--data` is an answer as any other; what Copier notes for itself is none."""
    recorded = {"_commit": "abc", "project_name": "old", "compile_model": True}
    recipe = Recipe(data={"project_name": "new", "compile_model": "no", "python_version": "3.11"})

    assert original_answers(recorded, recipe) == {
        "project_name": "new",
        "compile_model": False,
        "python_version": "3.11",
    }


def test_problems_of_answers() -> None:
    """A project without a name, and an answer that nobody asks for, are said with remedies."""
    problems = problems_of({}, Recipe(data={"epochs": "20"}), ROOT)

    assert len(problems) == 2
    assert "--param epochs=20" in problems[0]
    assert "--data project_name=NAME" in problems[1]


def test_values_in_the_order_of_the_questions() -> None:
    """The first of two equal values is the one that is asked first; short images count not."""
    answers = {"image_name": "churn", "project_name": "churn", "base_image": "python:3.13"}

    found = values_of(answers, Recipe(parameters=(parse("epochs=20"),)))

    assert [value.name for value in found] == ["project_name", "image_name", "epochs"]
    assert [value.has_variants for value in found] == [True, False, False]


def test_name_of_a_template() -> None:
    """It is the project's in kebab case, or what is wanted; not one of those that are there."""
    assert name_of(None, {"project_name": "Churn Model v2"}) == "churn-model-v2"
    assert name_of("mine", {}) == "mine"
    assert name_of(None, {}) == ""
    for wrong in ("sklearn", "_shared", "a", "Big", "x" * 50):
        with pytest.raises(CaptureError) as caught:
            name_of(wrong, {})
        assert caught.value.code == 2


def test_recipe_is_recorded() -> None:
    """What is recorded is read again; what is decided later wins."""
    recipe = Recipe(
        title="Mine",
        data={"project_name": "churn"},
        parameters=(parse("epochs=20"), parse("rate=0.1")),
        fix=("storage",),
        decisions={"a.py:1": "keep"},
        allowed=("*.md",),
    )

    assert Recipe.from_record(yaml.safe_load(yaml.safe_dump(recipe.record()))) == recipe
    later = recipe.then(Recipe(parameters=(parse("epochs=30"),), decisions={"a.py:1": "accept"}))
    assert [(one.name, one.text) for one in later.parameters] == [("rate", "0.1"), ("epochs", "30")]
    assert later.decisions == {"a.py:1": "accept"}
    assert later.title == "Mine"
    assert later.fix == ("storage",)


def test_heirs_are_asked_too() -> None:
    """A question is for its template, and for those that were captured from its projects."""
    when = environment().from_string(asked_for("mine"))
    index: list[dict[str, Any]] = [
        {"name": "mine"},
        {"name": "heir", "ancestors": ["other", "mine"]},
        {"name": "sklearn"},
    ]

    answers = {
        one["name"]: when.render(template=one["name"], template_index=index) for one in index
    }

    assert answers == {"mine": "True", "heir": "True", "sklearn": "False"}
