"""What a generated README says besides its recipes: commands, settings, links, paths."""

from __future__ import annotations

import json
import re

import pytest
from mldock.project import Project

from tests.project import ROOT, TEMPLATES

SHARED = ROOT / "templates" / "_shared"
INCLUDE = re.compile(r'\{% include "([^"]+)" -?%\}\n?')
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.fixture(params=TEMPLATES)
def readme(request: pytest.FixtureRequest) -> str:
    """Return the README of a template with all its parts, for all answers at once."""
    text = (ROOT / "templates" / str(request.param) / "README.md.jinja").read_text("utf-8")
    return INCLUDE.sub(lambda part: (ROOT / part[1]).read_text("utf-8"), text)


def test_sessions(readme: str) -> None:
    """Each command is one of the project's, and each of the project's is told."""
    noxfile = (SHARED / "project/noxfile.py").read_text("utf-8")
    there = set(
        re.findall(r"^@nox\.session(?:\(name=\"(\w+)\".*)?.*\ndef ([a-z]+)", noxfile, re.MULTILINE)
    )
    there = {name or function for name, function in there}
    there |= set(re.findall(r'^    "([a-z]+)": "', noxfile, re.MULTILINE))

    assert set(re.findall(r"nox -s ([a-z-]+)", readme)) == there


def test_settings(readme: str) -> None:
    """What goes into mldock.json is valid there."""
    blocks = re.findall(r"^ *```json\n(.*?)^ *```", readme, re.MULTILINE | re.DOTALL)

    assert len(blocks) == 2
    for block in blocks:
        Project.model_validate({"image_name": "iris", **json.loads(f"{{{block}}}")})


def test_links(readme: str) -> None:
    """A link within the page leads to a heading."""
    slugs = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(readme)
    }
    links = set(re.findall(r"\]\(#([^)]+)\)", readme))

    assert links
    assert links <= slugs
