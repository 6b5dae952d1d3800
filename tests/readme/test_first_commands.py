"""The first commands of the README run as they stand there, and print what its picture shows."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from tests.docs.pages import Step
from tests.docs.terminal import Terminal
from tests.generate.repository import copy_templates
from tests.readme.page import PICTURE, blocks

DATE = re.compile(r"^\S+ [\d:,]+ INFO")


def picture() -> list[Step]:
    """Return the commands of the picture, each with the lines of its output."""
    svg = ElementTree.parse(PICTURE)
    lines = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    prompts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    return [
        Step(
            lines[start][2:].removesuffix(" &"),
            [plain(line) for line in lines[start + 1 : end] if line != "…"],
        )
        for start, end in pairwise([*prompts, len(lines)])
    ]


def plain(line: str) -> str:
    """Return a line with dots in the place of what another run prints otherwise."""
    line = DATE.sub("... INFO", line).replace("~", "...")
    return re.sub(r"(?<=was successful).*", "...", line.strip())


def test_first_commands(tmp_path: Path) -> None:
    """What the README and the site begin with is what the picture shows, and then a request."""
    steps = picture()
    typed = [part for line in blocks()[0] for part in line.split(" && ")]
    assert [step.command for step in steps[:-1]] == typed == blocks("docs/index.md")[0]

    reader = Terminal(tmp_path, copy_templates(tmp_path / "templates").path, tmp_path / "home")
    try:
        # The questions, and Enter at each: tests/generate/test_interactive.py.
        reader.follow(Step(f"{steps[0].command} --defaults", steps[0].output[-1:]))
        for step in steps[1:]:
            reader.follow(step)
    finally:
        reader.close()


def test_picture_is_for_everybody() -> None:
    """It tells no path of a machine but `~`, fetches nothing, and moves only for who wants that."""
    text = PICTURE.read_text("utf-8")

    assert not re.findall(r"/(?:tmp|root|home|work|Users)/|url\(|@import|<script|href", text)
    assert "prefers-reduced-motion:reduce" in text
