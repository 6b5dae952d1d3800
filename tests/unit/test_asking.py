"""At a terminal each place is asked about, and the answers are kept."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from extensions.asking import ask, save
from extensions.decisions import Decisions, undecided
from extensions.occurrences import find
from tests.unit.test_decisions import DEMO, FILES, decide


def asked(typed: str) -> tuple[dict[str, str], str]:
    """Return what a person decides who types this, and what stood on the screen."""
    screen = StringIO()
    return ask(find(FILES, [DEMO], Decisions()), FILES, StringIO(typed), screen), screen.getvalue()


def test_asking_one_by_one() -> None:
    """Each place is shown; the answers are decisions, and they decide."""
    decided, screen = asked("y\nn\nwhat\ny\ny\ny\ny\n")

    assert decided == {
        "README.md:1:3": "project_title",
        "README.md:3:5": "keep",
        "README.md:3:34": "project_name",
        "src/demo:name": "accept",
        "src/demo/a.py:1:8": "project_snake",
        "src/demo/b.py:1:6": "project_name",
    }
    assert "2 of 6: README.md:3:5\n  The demo of demographic demos, a demo.\n      ^^^^\n" in screen
    assert undecided(decide(decided)) == []


def test_asking_for_all() -> None:
    """`a` and `o` are for all other places of the value; the end of the input is `q`."""
    assert set(asked("o\n")[0].values()) == {"keep"}
    everything = asked("n\na\n")[0]
    assert list(everything.values())[:3] == ["keep", "project_name", "project_name"]
    assert undecided(decide(everything)) == []
    assert asked("y\nq\n")[0] == asked("y\n")[0] == {"README.md:1:3": "project_title"}


@pytest.mark.parametrize("before", [None, "# why\nz: keep", "{z: keep}"])
def test_answers_are_saved(tmp_path: Path, before: str | None) -> None:
    """What was answered is in the file that was named, beside what was there."""
    path = tmp_path / "file.yml"
    if before:
        path.write_text(before)

    save(path, {"*.py:name": "keep", "a: b": "accept"})

    expected = {"z": "keep"} if before else {}
    assert Decisions.read(path).answers == {**expected, "*.py:name": "keep", "a: b": "accept"}
    assert path.read_text().startswith("# why") == (before or "").startswith("# why")
