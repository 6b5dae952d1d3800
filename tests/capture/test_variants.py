"""The variants of a value are what Copier would write."""

from __future__ import annotations

import pytest

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
