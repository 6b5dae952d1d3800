"""The variants of a value are what Copier would write."""

from __future__ import annotations

from pathlib import Path

import copier
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from extensions.model import Value
from extensions.variants import case_of, expressions, variants

KINDS = ["raw", "snake", "kebab", "pascal", "upper", "title"]


def spelled(text: str, name: str = "project_name") -> list[str]:
    """Return the texts of a value's variants."""
    return [variant.text for variant in variants(Value(name, text, has_variants=True))]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("churn-model", "churn_model churn-model ChurnModel CHURN_MODEL Churn Model"),
        ("Churn Model", "churn_model churn-model ChurnModel CHURN_MODEL Churn Model"),
        ("ChurnModel", "churn_model churn-model ChurnModel CHURN_MODEL Churn Model"),
        ("churn2Model", "churn2_model churn2-model Churn2Model CHURN2_MODEL C"),
        ("churn.v2 model", "churn_v2_model churn-v2-model ChurnV2Model CHURN_V2_MODEL C"),
        ("prévision-été", "prévision_été prévision-été PrévisionÉté PRÉVISION_ÉTÉ P"),
    ],
)
def test_forms(text: str, others: str) -> None:
    """The raw text comes first, then snake, kebab, Pascal, upper and title."""
    assert spelled(text)[0] == text
    assert spelled(text)[1:5] == others.split()[:4]


def test_titles() -> None:
    """The title has blanks."""
    assert spelled("churn.v2-model")[5] == "Churn V2 Model"


def test_one_word_keeps_all_forms() -> None:
    """Forms with the same text are all there; which of them counts is chosen where they stand."""
    assert spelled("churn") == ["churn", "churn", "churn", "Churn", "CHURN", "Churn"]
    assert [case_of(variant) for variant in variants(Value("a_b", "x", has_variants=True))] == KINDS


def test_form_without_text_is_none() -> None:
    """A value of signs has no variant but itself, and an empty value none at all."""
    assert spelled("--") == ["--"]
    assert spelled("") == []


def test_variables() -> None:
    """The variants of the name are called after the project, others after the question."""
    variables = [
        variant.variable for variant in variants(Value("project_name", "x", has_variants=True))
    ]
    assert variables[:3] == ["project_name", "project_snake", "project_kebab"]
    assert next(iter(expressions("team"))) == "team_snake"
    assert [variant.variable for variant in variants(Value("image_name", "a/b"))] == ["image_name"]


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.sampled_from("aBcZ09 ._-éß\u01c6İ"), min_size=1, max_size=12))
def test_copier_computes_the_same(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Each expression, as the default of a hidden question, gives Copier the variant's text."""
    source = tmp_path_factory.mktemp("source")
    hidden = {
        variable: {"type": "str", "when": False, "default": expression}
        for variable, expression in expressions("team").items()
    }
    questions = {"team": {"type": "str"}, **hidden, "_exclude": ["copier.yml"]}
    (source / "copier.yml").write_text(yaml.safe_dump(questions, sort_keys=False), "utf-8")
    shown = "\n".join(f"{{{{ {variable} }}}}" for variable in ["team", *hidden])
    (source / "file.jinja").write_text(shown, "utf-8")
    target = Path(tmp_path_factory.mktemp("target"))

    copier.run_copy(str(source), target, data={"team": text}, defaults=True, quiet=True)

    found = (target / "file").read_text("utf-8").split("\n")
    assert [one for one in found if one] == spelled(text, "team")
