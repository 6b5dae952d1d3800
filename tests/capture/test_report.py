"""What a person reads: nothing that was chosen, left or taken over is kept quiet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extensions.building import Result
from extensions.model import File
from extensions.trees import difference, digest, unified
from tests.capture.making import BY_HAND, NAME, capture
from tests.capture.trees import build
from tests.generate.repository import Repository


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, snapshot: Repository) -> Result:
    """Return what is reported of the project by hand."""
    folder = tmp_path_factory.mktemp("reported")
    project = build(folder / "churn", {**BY_HAND, "many.txt": b"a 20\n" * 30})
    templates = snapshot.clone(folder / "templates")
    return capture(templates, project.path, "epochs=20", data=NAME, dry_run=True)


def part(text: str, head: str) -> list[str]:
    """Return the lines below a heading of the report."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(head)) + 1
    end = next(number for number, line in enumerate(lines[start:], start) if not line)
    return [line[2:] for line in lines[start:end]]


def test_values_with_their_forms(result: Result) -> None:
    """Each variant that is used is there, with the number of its occurrences."""
    values = part(result.text, "Values")

    assert "project_name = 'Churn Model': 1 occurrence of the project's own" in values
    assert "  project_pascal = 'ChurnModel': 2 occurrences of the project's own" in values
    assert "epochs = '20': 1 occurrence of the project's own" in values


def test_what_is_left(result: Result) -> None:
    """The place and the line of what stays; of many alike the first, and how many there are."""
    unnamed = part(result.text, "Left, as the line does not name the parameter: 31")

    assert unnamed[-1] == "and 19 more, which --json lists"
    assert "many.txt:1:3: a 20" in unnamed
    binary = part(result.text, "Left, in files that are not text: 1")
    assert binary == ["data/both.bin:1:3: churn_model"]
    spelled = part(result.text, "Left, spelled in none of the variants: 2")
    assert spelled == ["README.md:3:1: 'Churn-model'", "src/trainer.py:1:15: 'churn model'"]


def test_what_is_chosen(result: Result) -> None:
    """Where several variants have one text: the chosen one, the others, the change."""
    chosen = part(result.text, "Several variants or values have this text")

    assert chosen[:3] == [
        "README.md:1:3: project_name, not project_title",
        "  - # Churn Model",
        "  + # {{ project_name }}",
    ]


def test_what_is_missing(result: Result) -> None:
    """What a template can do without is said, with the remedy."""
    assert any("noxfile.py" in line for line in part(result.text, "Missing"))


def test_report_for_programs(result: Result) -> None:
    """Every occurrence is in it, and it is JSON."""
    data: dict[str, Any] = json.loads(json.dumps(result.data))

    unnamed = [one for one in data["occurrences"] if one["status"] == "unnamed"]
    assert len(unnamed) == 31
    accepted = next(one for one in data["occurrences"] if one["place"] == "src/trainer.py:3:10")
    assert (accepted["before"], accepted["after"]) == ("EPOCHS = 20", "EPOCHS = {{ epochs }}")
    assert accepted["status"] == "accepted"
    assert data["residue"][0] == {"place": "README.md:3:1", "text": "Churn-model"}
    assert data["parent"] is None
    assert len(data["own"]) == len(BY_HAND) + 1
    assert data["proofs"][0]["holds"] is True


def test_differences() -> None:
    """A difference is named by its line, or by what it is."""
    assert difference("a", File(b"1\n2\n"), File(b"1\n3\n")) == "a:2: '3' instead of '2'"
    assert difference("a", File(b"1\n2"), File(b"1")) == "a: 1 lines instead of 2"
    assert difference("a", File(b"\xff"), File(b"\xfe")) == r"a:1: b'\xfe' instead of b'\xff'"
    assert difference("a", File(), File(executable=True)) == "a: its mode differs"


def test_unified() -> None:
    """Text by lines; what is not text, and a mode, in words; nothing if nothing changes."""
    assert unified("a", File(b"1\n"), File(b"1\n")) == ""
    assert unified("a", File(b"1"), File(b"2")) == "--- a\n+++ a\n@@ -1 +1 @@\n-1\n+2\n"
    assert "its mode differs" in unified("a", File(b"1"), File(b"1", executable=True))
    assert "instead of" in unified("a", File(b"1\n"), File(b"\xff\xfe"))


def test_digest() -> None:
    """Names, bytes and modes count, and where one ends and the next begins."""
    trees = [
        {},
        {"a": File(b"b")},
        {"a": File(b"b", executable=True)},
        {"ab": File(b"")},
        {"a": File(b"b"), "c": File(b"")},
    ]

    assert len({digest(tree) for tree in trees}) == len(trees)
