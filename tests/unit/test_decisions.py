"""A person decides what the capture cannot know, in a file or at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from extensions.decisions import Decisions, refuse_undecided, undecided
from extensions.model import CaptureError, File, Occurrence, Status, Value
from extensions.occurrences import find

DEMO = Value("project_name", "demo", has_variants=True)
FILES = {
    "README.md": File(b"# Demo\n\nThe demo of demographic demos, a demo.\n"),
    "src/demo/a.py": File(b"import demo\n"),
    "src/demo/b.py": File(b"x = 'demo'\n"),
    "data.bin": File(b"\xffdemo"),
}


def decide(answers: Mapping[str, str]) -> list[Occurrence]:
    """Return the occurrences under some decisions."""
    return find(FILES, [DEMO], Decisions(answers))


def variables(answers: Mapping[str, str]) -> dict[str, str]:
    """Return by place the variable of each substituted occurrence."""
    return {one.place: one.variant.variable for one in decide(answers) if one.status.is_substituted}


def status(answers: Mapping[str, str], place: str) -> Status:
    """Return the status of an occurrence."""
    return next(one.status for one in decide(answers) if one.place == place)


def test_nothing_is_decided_in_silence() -> None:
    """Without decisions no common word is taken, and the list says how to decide."""
    with pytest.raises(CaptureError) as caught:
        refuse_undecided(decide({}))

    assert caught.value.code == 3
    lines = str(caught.value).splitlines()
    assert "project_name is 'demo'" in lines[0]
    assert lines[1] == "  README.md:1:3: Demo -> project_title"
    assert "  src/demo:name: demo -> project_snake" in lines
    assert "  README.md:1:3: keep" in lines
    assert "  src/demo/b.py:1:6: project_name" in lines
    assert not [line for line in lines if "data.bin" in line or "graphic" in line]


def test_decided_sites_are_not_refused() -> None:
    """When all is decided nothing is refused."""
    refuse_undecided(decide({"*": "accept", "*:name": "keep"}))


def test_most_specific_counts() -> None:
    """A column is more than a line, a line more than a file, a file more than a pattern."""
    answers = {
        "*": "accept",
        "src/*": "keep",
        "README.md": "keep",
        "README.md:3": "project_snake",
        "README.md:3:5": "project_kebab",
    }
    assert variables(answers) == {
        "README.md:3:5": "project_kebab",
        "README.md:3:34": "project_snake",
    }
    assert variables({"*.py": "accept", "src/demo/a*": "keep"}) == {
        "src/demo/b.py:1:6": "project_name"
    }


def test_variable_is_for_sites_that_can_have_it() -> None:
    """A variable for a whole file leaves the places alone that have another text."""
    assert variables({"README.md": "project_title"}) == {"README.md:1:3": "project_title"}


def test_folder_is_one_decision() -> None:
    """The name of a folder is decided once, for all files in it."""
    answers = {"src/demo:name": "project_kebab"}
    assert variables(answers) == {
        "src/demo/a.py:name": "project_kebab",
        "src/demo/b.py:name": "project_kebab",
    }
    assert [one.place for one in undecided(decide({})) if one.in_name] == ["src/demo/a.py:name"]


def test_part_of_a_word_needs_its_own_place() -> None:
    """`demographic` is replaced by one who says exactly so, and by no one else."""
    place = "README.md:3:13"
    assert status({}, place) is Status.INSIDE
    assert status({"*": "accept"}, place) is Status.INSIDE
    assert status({"README.md:3": "project_name"}, place) is Status.INSIDE
    assert status({place: "project_name"}, place) is Status.ACCEPTED
    assert status({place: "keep"}, place) is Status.KEPT


def test_binary_stays_binary() -> None:
    """No decision makes a text of what is none."""
    assert status({"data.bin": "project_name"}, "data.bin:1:2") is Status.BINARY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("*: keep", "put in quotes"),
        ("- a", "not a mapping"),
        ("a: [keep]", "line 1: a place and an answer"),
        ("a: keep\na: keep", "line 2: a is decided twice"),
        ("a:", "line 1: the place or the answer is missing"),
        ("\xff", "decisions"),
    ],
)
def test_files_that_are_wrong(tmp_path: Path, text: str, message: str) -> None:
    """A file that cannot be read is named, with what is wrong."""
    (tmp_path / "file.yml").write_text(text, "latin-1")

    with pytest.raises(CaptureError, match=message) as caught:
        Decisions.read(tmp_path / "file.yml")
    assert str(tmp_path / "file.yml") in str(caught.value)
    with pytest.raises(CaptureError, match="No such file"):
        Decisions.read(tmp_path / "none.yml")


def test_file_is_read(tmp_path: Path) -> None:
    """Places and answers stay texts, whatever YAML makes of them elsewhere."""
    (tmp_path / "file.yml").write_text("# why\n'*.py:12:30': no\n12:30: keep\n")

    assert Decisions.read(tmp_path / "file.yml").answers == {"*.py:12:30": "no", "12:30": "keep"}
