"""What stands for a value is found; what only looks like one is left."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extensions.decisions import Decisions
from extensions.model import File, Occurrence, Status, Value
from extensions.occurrences import find
from extensions.reverse import environment, reverse

JINJA = environment()
NAME = Value("project_name", "churn-model", has_variants=True)


def sites_of(
    text: str | bytes, *values: Value, path: str = "file.txt", others: Iterable[str] = ()
) -> list[Occurrence]:
    """Return the occurrences of one file, in a project that has other files too."""
    content = text.encode() if isinstance(text, str) else text
    files = {path: File(content), **{other: File() for other in others}}
    found = find(files, values or (NAME,), Decisions())
    return [
        occurrence for occurrence in found if occurrence.path == path and not occurrence.in_name
    ]


def marked(text: str, *values: Value) -> str:
    """Return a text in which each substituted occurrence is its variable, in brackets."""
    for occurrence in reversed(sites_of(text, *(values or (NAME,)))):
        if occurrence.status.is_substituted:
            text = (
                f"{text[: occurrence.start]}[{occurrence.variant.variable}]{text[occurrence.end :]}"
            )
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("churn_model = 1", "[project_snake] = 1"),
        ("class ChurnModel:", "class [project_pascal]:"),
        ("CHURN_MODEL_DIR", "[project_upper]_DIR"),
        ("# Churn Model", "# [project_title]"),
        ("myChurnModelTest", "my[project_pascal]Test"),
        ("v2ChurnModel", "v2[project_pascal]"),
        ("test_churn_model_x", "test_[project_snake]_x"),
        ("'churn_model'.", "'[project_snake]'."),
        ("'\\nchurn_model\\n'", "'\\n[project_snake]\\n'"),
        (r"r'\bchurn_model\b'", r"r'\b[project_snake]\b'"),
        ("churn_modelTest", "[project_snake]Test"),
        ("\ufeffchurn_model\u2028churn_model", "\ufeff[project_snake]\u2028[project_snake]"),
        ("churn_models", "churn_models"),
        ("xchurn_model", "xchurn_model"),
        ("\\\\nchurn_model", "\\\\nchurn_model"),
        ("échurn_model", "échurn_model"),
        ("churn_model2", "churn_model2"),
        ("ChurnModels", "ChurnModels"),
        ("XChurnModel", "XChurnModel"),
        ("CHURN_MODELS", "CHURN_MODELS"),
        ("churn model", "churn model"),
    ],
)
def test_words(text: str, expected: str) -> None:
    """A variant counts as a word, or as a part of one between signs or humps."""
    assert marked(text) == expected


def test_part_of_a_word_is_reported() -> None:
    """`demographic` is no `demo`, and it is told."""
    (occurrence,) = sites_of("a demographic", Value("project_name", "demo", has_variants=True))

    assert (occurrence.status, occurrence.start, occurrence.line, occurrence.column) == (
        Status.INSIDE,
        2,
        1,
        3,
    )
    assert "project_name" in occurrence.others


def test_value_in_a_longer_word() -> None:
    """A shorter value counts where a longer one is only part of a word; then that one is gone."""
    (occurrence,) = sites_of("xmy_churn", Value("a", "my_churn"), Value("b", "churn"))

    assert (occurrence.variant.variable, occurrence.status, occurrence.start) == (
        "b",
        Status.ACCEPTED,
        4,
    )


def test_longest_first() -> None:
    """A value in another one is not taken where the other one stands."""
    short = Value("team", "fraud", is_parameter=True)
    long_ = Value("bucket", "fraud-data-eu", is_parameter=True)

    text = "fraud fraud-data-eu fraud-data-euro my-fraud-data-eu fraud-data"

    expected = "[team] [bucket] [team]-data-euro my-[bucket] [team]-data"
    assert marked(text, short, long_) == expected
    assert marked(text, long_, short) == expected


def test_places() -> None:
    """Lines and columns are counted from 1, as an editor does."""
    occurrences = sites_of("churn_model\r\n\n  churn_model ChurnModel\n")

    assert [(occurrence.line, occurrence.column) for occurrence in occurrences] == [
        (1, 1),
        (3, 3),
        (3, 15),
    ]
    assert [occurrence.place for occurrence in occurrences][2] == "file.txt:3:15"


def test_names_come_first() -> None:
    """Occurrences in a file's name count from the start of its path, and come first."""
    files = {
        "src/churn_model/ChurnModel.txt": File(b"churn_model"),
        "a": File(b"ChurnModel"),
        "churn_models/x": File(),
    }

    found = find(files, [NAME], Decisions())

    assert [
        (occurrence.path[:5], occurrence.line, occurrence.column, occurrence.variant.variable)
        for occurrence in found
    ] == [
        ("a", 1, 1, "project_pascal"),
        ("churn", 0, 1, "project_snake"),
        ("src/c", 0, 5, "project_snake"),
        ("src/c", 0, 17, "project_pascal"),
        ("src/c", 1, 1, "project_snake"),
    ]
    assert found[1].status is Status.INSIDE


def test_content_that_equals_the_name() -> None:
    """A file whose content is its own path has occurrences in both."""
    text = "churn_model"

    assert [
        occurrence.in_name for occurrence in find({text: File(text.encode())}, [NAME], Decisions())
    ] == [
        True,
        False,
    ]


def test_name_has_no_slash() -> None:
    """A value with a slash is never a part of a path."""
    image = Value("image_name", "team/churn-model")
    files = {"team/churn-model/x": File(b"team/churn-model")}

    assert [occurrence.in_name for occurrence in find(files, [image], Decisions())] == [False]


def test_binary_is_left() -> None:
    """A file that is no UTF-8 text is told, with its place in bytes."""
    occurrences = sites_of(b"\xff\n\x00churn-model \xe9t\xc3\xa9", NAME, Value("x", "té"))

    assert [
        (occurrence.status, occurrence.start, occurrence.line, occurrence.column)
        for occurrence in occurrences
    ] == [
        (Status.BINARY, 3, 2, 2),
        (Status.BINARY, 16, 2, 15),
    ]


@pytest.mark.parametrize("text", ["iris", "abc", "MODEL", "My App", "my-model", "data", "2024"])
def test_dangerous_answers_are_undecided(text: str) -> None:
    """What is short or common is never taken without asking."""
    value = Value("project_name", text, has_variants=True)
    expected = Status.ACCEPTED if text == "iris" else Status.UNDECIDED

    assert {occurrence.status for occurrence in sites_of(f"x {text} x", value)} <= {
        expected,
        Status.COLLISION,
    }
    assert (Status.UNDECIDED in {occurrence.status for occurrence in sites_of(text, value)}) == (
        text != "iris"
    )


PIECES = ["churn", "model", "Churn", "Model", "_", "-", " ", "{", "{{", "s", "\r\n", "\n", "1", "é"]


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_text(text: str) -> None:
    """Occurrences hold their variant and do not overlap, and none is missed."""
    values = [NAME, Value("team", "churn", is_parameter=True)]
    occurrences = sites_of(text, *values)
    taken = [occurrence for occurrence in occurrences if occurrence.status.is_substituted]

    assert all(
        text[occurrence.start : occurrence.end] == occurrence.variant.text
        for occurrence in occurrences
    )
    assert all(one.end <= two.start for one, two in pairwise(taken))
    source = reverse(JINJA, text, occurrences)
    originals = {
        variant.variable: variant.text
        for variant in (occurrence.variant for occurrence in occurrences)
    }
    assert JINJA.from_string(source).render(originals) == text
    for occurrence in reversed(occurrences):
        text = (
            text[: occurrence.start]
            + "\0" * (occurrence.end - occurrence.start)
            + text[occurrence.end :]
        )
    assert not re.search("churn|churn[_-]model|Churn ?Model|CHURN_MODEL", text)
