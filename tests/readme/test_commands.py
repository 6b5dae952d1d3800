"""What the README tells a person to type, and what stands above its fold."""

from __future__ import annotations

import re

import pytest

from tests.project import ROOT
from tests.readme import page

# Where the commands of a clone are run.
CLONE = {
    "pipx run nox -s demo": "tests/generate/test_demo.py",
    # This very run.
    "pipx run nox -s tests": "noxfile.py",
}
OWN = (ROOT / "noxfile.py").read_text("utf-8")


def test_there_are_three_blocks() -> None:
    """The first one is followed in test_first_commands.py, the second in tests/capture."""
    first, captured, clone = page.blocks()

    assert len(first) == 2
    assert "\n".join(f"$ {line}" for line in captured) in (ROOT / "docs/capture.md").read_text(
        "utf-8"
    )
    assert clone == list(CLONE)
    assert all((ROOT / file).exists() for file in CLONE.values())


@pytest.mark.parametrize("name", sorted(set(re.findall(r"nox -s bench -- ([a-z_]+)", page.text()))))
def test_benchmarks_exist(name: str) -> None:
    """Each benchmark that is named can be run, and is in the help of its session."""
    place = ROOT / "benchmarks" / name

    assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()
    assert re.search(rf"[ |]{name}[| ]", OWN)


def test_nothing_else_stands_above_the_fold() -> None:
    """Two sentences, the picture, two commands, the table and links; then the first heading."""
    fold = page.text().split("\n## ")[0]
    kinds = [kind(part) for part in fold.strip().split("\n\n")]

    assert kinds == ["title", "text", "picture", "commands", "table", "text", "links"]
    sentences = re.findall(r"\.(?:\s|$)", fold.split("\n\n")[1])
    assert len(sentences) == 2


def kind(part: str) -> str:
    """Say what a part of the page is."""
    starts = {"# ": "title", "![": "picture", "```": "commands", "|": "table", "[": "links"}
    return next((name for start, name in starts.items() if part.startswith(start)), "text")
