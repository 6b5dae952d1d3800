"""The README: its first commands run and print what its picture shows; its figures are measured."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.comparison import footprint
from benchmarks.comparison.products import PRODUCTS, TYPED
from tests.docs.pages import Step, blocks, steps
from tests.docs.terminal import Terminal
from tests.generate.repository import copy_templates
from tests.project import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BENCHMARKS = (ROOT / "docs/benchmarks.md").read_text("utf-8")
PICTURE = ROOT / "docs/images/terminal.svg"
DATE = re.compile(r"^\S+ [\d:,]+ INFO")
# Of several settings, the one that answers most.
SERVED = {
    0: "this repository",
    1: "BentoML, batched",
    3: "MLflow",
    4: "MLServer, batched",
    5: "FastAPI, pydantic",
}


def typed(page: str, block: int = 0) -> list[str]:
    """Return the commands of a block of the console."""
    text = (ROOT / page).read_text("utf-8")
    console = [one for one in blocks(text) if one.language == "console"][block]
    return [part for step in steps(console) for part in step.command.split(" && ")]


def picture() -> list[Step]:
    """Return the commands of the picture, each with the lines of its output."""
    svg = ElementTree.parse(PICTURE)
    lines = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    prompts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    return [
        Step(
            lines[start][2:].removesuffix(" &"),
            [without_times(line) for line in lines[start + 1 : end] if line != "…"],
        )
        for start, end in pairwise([*prompts, len(lines)])
    ]


def without_times(line: str) -> str:
    """Return a line with dots in the place of what another run prints otherwise."""
    line = DATE.sub("... INFO", line).replace("~", "...")
    return re.sub(r"(?<=was successful).*", "...", line.strip())


def table(text: str, header: str) -> dict[str, list[str]]:
    """Return the cells of the first table with a header, by their row, without marks."""
    found = re.search(
        rf"^\| ?{re.escape(header)}.*\n\|[-:| ]+\|\n((?:\|.*\n)+)", text, re.MULTILINE
    )
    assert found, header
    rows = [re.sub(r"[*`¹²³]", "", line)[1:-1].split("|") for line in found[1].splitlines()]
    return {first.strip(): [cell.strip() for cell in cells] for first, *cells in rows}


SHOWN = table(README, "one model, served by")


def test_first_commands(tmp_path: Path) -> None:
    """What the README and the site begin with is what the picture shows, and then a request."""
    shown = picture()
    assert [step.command for step in shown[:-1]] == typed("README.md") == typed("docs/index.md")

    reader = Terminal(tmp_path, copy_templates(tmp_path / "templates").path, tmp_path / "home")
    try:
        # The questions, and Enter at each: tests/generate/test_interactive.py.
        reader.follow(Step(f"{shown[0].command} --defaults", shown[0].output[-1:]))
        for step in shown[1:]:
            reader.follow(step)
    finally:
        reader.close()


def test_picture_is_for_everybody() -> None:
    """It tells no path of a machine but `~`, fetches nothing, and moves only for who wants that."""
    text = PICTURE.read_text("utf-8")

    assert not re.findall(r"/(?:tmp|root|home|work|Users)/|url\(|@import|<script|href", text)
    assert "prefers-reduced-motion:reduce" in text


def test_other_commands() -> None:
    """The capture is that of docs/capture.md, which is run; those of a clone are run elsewhere."""
    capture = [command for step in typed("README.md", 1) for command in step.split(" && ")]

    assert all(command in (ROOT / "docs/capture.md").read_text("utf-8") for command in capture)
    assert typed("README.md", 2) == ["pipx run nox -s demo", "pipx run nox -s tests"]


@pytest.mark.parametrize(
    ("question", "column"),
    [
        ("requests a second, 64 clients", 1),
        ("99 of 100 answered within, ms", 2),
        ("seconds until it is ready", 5),
        ("memory, MB", 6),
    ],
)
def test_speeds(question: str, column: int) -> None:
    """A figure of speed is that of the random forest in docs/benchmarks.md, as rounded."""
    measured = table(BENCHMARKS.split("Random forest of")[1], "| 1 client")
    cells = SHOWN[question]

    for place, product in SERVED.items():
        digits = len(cells[place].partition(".")[2])
        assert number(cells[place]) == round(number(measured[product][column]), digits)
    assert cells[2] in ("not measured", "one at a time")


def test_speeds_are_qualified_before_they_are_told() -> None:
    """The rows above the speeds say that only ours had a compiled model, and no log."""
    first, second, third, *_ = SHOWN

    assert "compiled" in SHOWN[first][0]
    assert "MLDOCK_LOGS_LEVEL=WARNING" in SHOWN[second][0]
    assert third.startswith("requests a second")


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("requests lost when 20 workers die", "requests lost"),
        ("mistakes told by row and field", "mistakes named by row and field"),
        ("lines of code of a typed model", "lines of code"),
        ("packages to install", "packages to serve"),
        ("their size, MB", "their size, MB"),
    ],
)
def test_counts(question: str, counted: str) -> None:
    """What is counted is what `nox -s bench -- comparison` has printed, in docs/benchmarks.md."""
    section = BENCHMARKS.split("## Beside other products")[1]
    printed = table(section, "| this repository | BentoML")[counted]

    for shown, told, product in zip(SHOWN[question], printed, PRODUCTS, strict=True):
        # Cog does not go on after the first death, and was not asked wrong questions.
        if not (product.title == "Cog" and question.startswith(("requests", "mistakes"))):
            assert shown == told


def test_lines_of_code() -> None:
    """They are counted again, as the files are now."""
    counted = [str(footprint.lines_of_code(TYPED / product.file)) for product in PRODUCTS]

    assert SHOWN["lines of code of a typed model"] == counted


def number(cell: str) -> float:
    """Return the number that a cell shows."""
    return float(cell.replace(",", ""))
