"""Each quickstart is followed: its commands run as they stand there and print what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.changes import apply
from tests.docs.pages import DOCS, blocks, steps
from tests.docs.terminal import Terminal
from tests.project import TEMPLATES

# What it says of Docker is run by tests/container and tests/journey, where the image is.
DOCKER = "\n## In Docker\n"


def test_each_template_has_one() -> None:
    """A new template needs a page."""
    assert {page.stem for page in (DOCS / "quickstart").glob("*.md")} == set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_commands(template: str, terminal: Terminal, request: pytest.FixtureRequest) -> None:
    """From the copy to the tests of the project that was changed."""
    page, docker = (DOCS / "quickstart" / f"{template}.md").read_text("utf-8").split(DOCKER)
    start = terminal.folder
    for block in blocks(page):
        if block.language == "console":
            for step in steps(block):
                terminal.follow(step)
                if step.command.startswith("cd ") and template == "pytorch":
                    give_wheels(request.getfixturevalue("torch_wheels"), terminal.folder)
        else:
            apply(block, terminal.folder)
    assert terminal.folder.parent == start

    said = [
        step.command.removeprefix("pipx run ") for block in blocks(docker) for step in steps(block)
    ]
    assert said == [
        "nox -s build",
        "nox -s train -- --docker",
        "nox -s serve -- --docker",
        "nox -s predict -- payload.json",
        "nox -s stop",
    ]


def give_wheels(wheels: Path, project: Path) -> None:
    """Put torch where a project looks for it first, if its index is out of reach."""
    for file in wheels.iterdir():
        (project / "wheels" / file.name).hardlink_to(file)
