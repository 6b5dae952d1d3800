"""What a generated README says besides its recipes: commands, settings, links, paths."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from mldock.project import Project

from extensions.rendering import render
from tests.project import ROOT, TEMPLATES

SHARED = ROOT / "templates" / "_shared"
DEPLOY = ["docker", "kubernetes", "sagemaker", "kubernetes-and-sagemaker"]
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.fixture(scope="module", params=itertools.product(TEMPLATES, DEPLOY), ids="-".join)
def readme(request: pytest.FixtureRequest) -> str:
    """Return the README of a project of a template that runs in these places."""
    template, deploy = request.param
    return render(ROOT, {"template": template, "deploy": deploy}).files["README.md"].text or ""


def test_sessions(readme: str) -> None:
    """Each command is one of the project's, and each of the project's is told."""
    noxfile = (SHARED / "project/noxfile.py").read_text("utf-8")
    there = set(
        re.findall(r"^@nox\.session(?:\(name=\"(\w+)\".*)?.*\ndef ([a-z]+)", noxfile, re.MULTILINE)
    )
    there = {name or function for name, function in there}
    there |= set(re.findall(r'^    "([a-z]+)": "', noxfile, re.MULTILINE))

    # Of `deploy` a project has nothing to tell that runs nowhere else.
    told = set(re.findall(r"nox -s ([a-z-]+)", readme))
    assert told | {"deploy"} == there


def test_settings(readme: str) -> None:
    """What goes into mldock.json is valid there."""
    blocks = re.findall(r"^ *```json\n(.*?)^ *```", readme, re.MULTILINE | re.DOTALL)

    assert blocks
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
