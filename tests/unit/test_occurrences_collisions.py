"""Where several variants have the same text, the place decides which one is meant."""

from __future__ import annotations

import pytest

from extensions.decisions import Decisions
from extensions.model import File, Status, Value
from extensions.occurrences import find
from tests.unit.test_occurrences import sites_of

CHURN = Value("project_name", "churn", has_variants=True)


def chosen(text: str, path: str = "file.txt", *others: str) -> str:
    """Return the kind of the variant that is taken at the first place in a text."""
    (one, *_) = sites_of(text, CHURN, path=path, others=others)
    assert one.status is Status.COLLISION
    return one.variant.variable.removeprefix("project_")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the churn of users", "name"),
        ("name: churn", "name"),
        ('"churn"', "name"),
        ("churn_rate", "snake"),
        ("my-churn_rate", "snake"),
        ("my-churn", "kebab"),
        ("registry.test/churn:1.0", "kebab"),
        ("churnRate", "snake"),
        ("ChurnRate", "pascal"),
        ("getChurn()", "pascal"),
        ("Churn is bad", "title"),
        ("$churn ${churn}", "snake"),
        ("'{churn} of {users}'", "snake"),
        ("python -m churn", "name"),
    ],
)
def test_in_any_text(text: str, kind: str) -> None:
    """The signs beside a word tell its variant; a word in prose is as its owner wrote it."""
    assert chosen(text) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("import churn", "snake"),
        ("from churn.features import x", "snake"),
        ("x = churn", "snake"),
        ("class Churn(Base):", "pascal"),
        ("# all about churn", "name"),
        ('"""Churn, predicted."""', "title"),
        ('"""Not closed: churn', "name"),
        ("x = 'churn'", "name"),
        ("x = 'it\\'s' + churn", "snake"),
        ("x = '#' + churn", "snake"),
    ],
)
def test_in_python(text: str, kind: str) -> None:
    """A name in Python code must be one; in its comments and strings it is a word."""
    assert chosen(text, "file.py") == kind
    assert chosen(f"'''{text.replace(chr(39), ' ')}'''", "file.py") in {"name", "title"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("COPY src/churn /app", "snake"),
        ("see churn/features.py", "snake"),
        ("python -m churn", "snake"),
        ("python -m churn.features", "snake"),
        ('main = "churn.features:main"', "snake"),
        ("edit churn.toml first", "snake"),
        ("the my-churn.toml file", "kebab"),
        ("https://forge.test/me/churn", "kebab"),
        ("the end of churn.", "name"),
        ("churn predicts", "name"),
    ],
)
def test_names_of_files(text: str, kind: str) -> None:
    """What refers to a file is written as the file's name is."""
    files = ["src/churn/features.py", "churn.toml", "my-churn.toml"]

    assert chosen(text, "README.md", *files) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("churn", "snake"),
        ("churn.txt", "snake"),
        ("a/churn/b", "snake"),
        ("my-churn.txt", "kebab"),
        ("test_churn.py", "snake"),
        ("Churn.md", "pascal"),
        ("docs/ChurnGuide.md", "pascal"),
    ],
)
def test_in_names(path: str, kind: str) -> None:
    """A file's name has no blanks."""
    (one,) = find({path: File()}, [CHURN], Decisions())

    assert one.variant.variable.removeprefix("project_") == kind


def test_others_are_told() -> None:
    """What else would give the same text is with the occurrence."""
    (one,) = sites_of("churn", CHURN, Value("image_name", "churn"))

    assert one.variant.variable == "project_name"
    assert one.others == ("project_snake", "project_kebab", "image_name")


def test_first_question_wins() -> None:
    """Of two values with the same text the first is taken, in the variant of the place."""
    name = Value("project_name", "churn-model", has_variants=True)
    image = Value("image_name", "churn-model")
    text = "churn-model registry.test/churn-model"

    occurrences = sites_of(text, name, image)
    assert [one.variant.variable for one in occurrences] == ["project_name", "project_kebab"]
    assert {one.status for one in occurrences} == {Status.COLLISION}
    assert [one.variant.variable for one in sites_of(text, image, name)] == ["image_name"] * 2


def test_certain_value_wins() -> None:
    """A value that is certain to be meant comes before one that must be asked for."""
    name = Value("project_name", "20", has_variants=True)
    epochs = Value("epochs", "20", is_parameter=True)

    named, unnamed = sites_of("epochs=20\n20", name, epochs)

    assert (named.variant.variable, named.status) == ("epochs", Status.COLLISION)
    assert (unnamed.variant.variable, unnamed.status) == ("project_name", Status.UNDECIDED)


def test_common_in_one_form_is_common_in_all() -> None:
    """All variants of a common word must be asked for, the snake variant of a Pascal one too."""
    value = Value("project_name", "MyModel", has_variants=True)

    assert [one.status for one in sites_of("my_model MyModel", value)] == [
        Status.UNDECIDED,
        Status.UNDECIDED,
    ]
