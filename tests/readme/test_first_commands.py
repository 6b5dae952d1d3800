"""The first commands of the README: they run as they stand there, and the picture shows it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.terminal import steps, svg, truth
from scripts.terminal.steps import FIRST, PROJECT, STEPS, Step
from tests.docs.terminal import Terminal
from tests.generate.repository import copy_templates
from tests.readme.page import PICTURE, blocks


@pytest.fixture
def reader(tmp_path: Path) -> Terminal:
    """Return somebody for whom `gh:org/mldock-templates` is the working tree."""
    templates = copy_templates(tmp_path / "templates").path
    return Terminal(tmp_path, templates, tmp_path / "home")


def test_they_are_those_of_the_picture() -> None:
    """What the picture shows is what the README and the site begin with, and then a request."""
    typed = [part for line in blocks()[0] for part in line.split(" && ")]
    assert blocks("docs/index.md")[0] == typed
    shown = [line[2:].removesuffix(" &") for line in picture() if line.startswith("$ ")]

    assert shown[: len(typed)] == typed
    assert typed[0] == FIRST.command
    assert shown[len(typed) :] == [STEPS[-1].command]


def test_picture_is_true(tmp_path: Path, reader: Terminal) -> None:
    """Each line of it is printed by a new project: questions, metrics, what the server answers."""
    folder = tmp_path / "work"
    folder.mkdir()
    own = [at_port(step, reader.port) for step in STEPS]

    lines = steps.perform(folder, reader.variables, own)

    assert (folder / PROJECT / ".mldock/model/classifier").is_dir()
    printed = svg.read(svg.draw(lines, ""))
    for one, other in zip(own, STEPS, strict=True):
        printed = [line.replace(one.command, other.command) for line in printed]
    printed = [line.replace(str(reader.port), "8080") for line in printed]
    differing = truth.differences(picture(), printed)
    assert not differing, f"{differing}\nMake the picture anew: nox -s picture"


@pytest.mark.parametrize(
    ("shown", "printed", "is_true"),
    [
        ("Session train was successful in 39 seconds.", "Session train was successful.", True),
        ("metric: accuracy=0.958;", "metric: accuracy=0.956;", True),
        ("metric: accuracy=0.958;", "metric: accuracy=0.9;", False),
        ("metric: accuracy=0.958;", "metric: recall=0.958;", False),
    ],
)
def test_what_is_a_difference(shown: str, printed: str, is_true: bool) -> None:
    """Times differ from run to run, and the last digits of a metric; nothing else may."""
    assert bool(truth.differences([shown], [printed])) is not is_true


def test_picture_is_for_everybody() -> None:
    """It tells no path of a machine but `~`, fetches nothing, and moves only for who wants that."""
    text = PICTURE.read_text("utf-8")

    assert not re.findall(r"/(?:tmp|root|home|work|Users)/|url\(|@import|<script|href", text)
    assert "prefers-reduced-motion:reduce" in text
    assert len(text.encode()) < 60_000


def picture() -> list[str]:
    """Return the lines of the picture."""
    return svg.read(PICTURE.read_text("utf-8"))


def at_port(step: Step, port: int) -> Step:
    """Let a server, and who asks it, take a port that is free."""
    if step.ready:
        return replace(step, command=f"{step.command} -- --port {port}")
    if "predict" in step.command:
        return replace(step, command=f"{step.command} --url http://127.0.0.1:{port}")
    return step
