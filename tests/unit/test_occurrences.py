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
    return [one for one in found if one.path == path and not one.in_name]


def marked(text: str, *values: Value) -> str:
    """Return a text in which each substituted occurrence is its variable, in brackets."""
    for one in reversed(sites_of(text, *(values or (NAME,)))):
        if one.status.is_substituted:
            text = f"{text[: one.start]}[{one.variant.variable}]{text[one.end :]}"
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
    (one,) = sites_of("a demographic", Value("project_name", "demo", has_variants=True))

    assert (one.status, one.start, one.line, one.column) == (Status.INSIDE, 2, 1, 3)
    assert "project_name" in one.others


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

    assert [(one.line, one.column) for one in occurrences] == [(1, 1), (3, 3), (3, 15)]
    assert [one.place for one in occurrences][2] == "file.txt:3:15"


def test_names_come_first() -> None:
    """Occurrences in a file's name count from the start of its path, and come first."""
    files = {
        "src/churn_model/ChurnModel.txt": File(b"churn_model"),
        "a": File(b"ChurnModel"),
        "churn_models/x": File(),
    }

    found = find(files, [NAME], Decisions())

    assert [(one.path[:5], one.line, one.column, one.variant.variable) for one in found] == [
        ("a", 1, 1, "project_pascal"),
        ("churn", 0, 1, "project_snake"),
        ("src/c", 0, 5, "project_snake"),
        ("src/c", 0, 17, "project_pascal"),
        ("src/c", 1, 1, "project_snake"),
    ]
    assert found[1].status is Status.INSIDE


def test_name_has_no_slash() -> None:
    """A value with a slash is never a part of a path."""
    image = Value("image_name", "team/churn-model")
    files = {"team/churn-model/x": File(b"team/churn-model")}

    assert [one.in_name for one in find(files, [image], Decisions())] == [False]


def test_binary_is_left() -> None:
    """A file that is no UTF-8 text is told, with its place in bytes."""
    occurrences = sites_of(b"\xff\n\x00churn-model \xe9t\xc3\xa9", NAME, Value("x", "té"))

    assert [(one.status, one.start, one.line, one.column) for one in occurrences] == [
        (Status.BINARY, 3, 2, 2),
        (Status.BINARY, 16, 2, 15),
    ]


@pytest.mark.parametrize("text", ["iris", "abc", "MODEL", "My App", "my-model", "data", "2024"])
def test_dangerous_answers_are_undecided(text: str) -> None:
    """What is short or common is never taken without asking."""
    value = Value("project_name", text, has_variants=True)
    expected = Status.ACCEPTED if text == "iris" else Status.UNDECIDED

    assert {one.status for one in sites_of(f"x {text} x", value)} <= {expected, Status.COLLISION}
    assert (Status.UNDECIDED in {one.status for one in sites_of(text, value)}) == (text != "iris")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("epochs = 20", "epochs = [epochs]"),
        ('"epochs": 20, "patience": 20', '"epochs": [epochs], "patience": 20'),
        ("dict(patience=20, epochs=20)", "dict(patience=20, epochs=[epochs])"),
        ("run --epochs 20", "run --epochs [epochs]"),
        ("EPOCHS=20", "EPOCHS=[epochs]"),
        ("20 epochs of 64", "[epochs] epochs of 64"),
        ("add('--epochs', type=int, default=20)", "add('--epochs', type=int, default=[epochs])"),
        ("20, then 20 epochs", "20, then [epochs] epochs"),
        ("n_epochs = 20", "n_epochs = 20"),
        ("epochs-left = 20", "epochs-left = 20"),
        ("epochs = 1.20", "epochs = 1.20"),
        ("epochs = 20.5", "epochs = 20.5"),
        ("epochs = 20_000", "epochs = 20_000"),
        ("patience = 20\nepochs = 3", "patience = 20\nepochs = 3"),
    ],
)
def test_literals_of_parameters(line: str, expected: str) -> None:
    """A number is its parameter's where the line names the parameter."""
    assert marked(line, Value("epochs", "20", is_parameter=True)) == expected


def test_unnamed_literal_is_reported() -> None:
    """Other places of a literal are told, and each is its own parameter's where two share it."""
    values = [Value("batch_size", "20", is_parameter=True), Value("top", "20", is_parameter=True)]

    occurrences = sites_of("size 20\nbatchSize=20\n--batch-size 20\ntop: 20", *values)

    assert [(one.variant.variable, one.status) for one in occurrences] == [
        ("batch_size", Status.UNNAMED),
        ("batch_size", Status.COLLISION),
        ("batch_size", Status.COLLISION),
        ("top", Status.COLLISION),
    ]


PIECES = ["churn", "model", "Churn", "Model", "_", "-", " ", "{", "{{", "s", "\r\n", "\n", "1", "é"]


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_text(text: str) -> None:
    """Occurrences hold their variant and do not overlap, and none is missed."""
    values = [NAME, Value("team", "churn", is_parameter=True)]
    occurrences = sites_of(text, *values)
    taken = [one for one in occurrences if one.status.is_substituted]

    assert all(text[one.start : one.end] == one.variant.text for one in occurrences)
    assert all(first.end <= second.start for first, second in pairwise(taken))
    source = reverse(JINJA, text, occurrences)
    originals = {variant.variable: variant.text for variant in (one.variant for one in occurrences)}
    assert JINJA.from_string(source).render(originals) == text
    for one in reversed(occurrences):
        text = text[: one.start] + "\0" * (one.end - one.start) + text[one.end :]
    assert not re.search("churn|churn[_-]model|Churn ?Model|CHURN_MODEL", text)
