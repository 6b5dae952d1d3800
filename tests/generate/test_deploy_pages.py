"""The pages on deploying say what there is: their commands, their settings, their links."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from container.lifecycle.project import Project
from tests.project import ROOT, generate
from tests.project import Project as Generated

PAGES = [ROOT / "docs" / "deploy.md", *sorted((ROOT / "docs" / "deploy").glob("*.md"))]

DEPLOY = re.compile(r"nox -s deploy -- (\w+) (\w+)((?: [^\n#`]*)?)")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Return a project that has the commands."""
    return generate(tmp_path_factory.mktemp("projects") / "model", template="generic")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links(page: Path) -> None:
    """A link leads to a page, and to a heading of it."""
    for place in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
        name, _, heading = place.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), place
        headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}
        assert not heading or heading in slugs, place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings(page: Path) -> None:
    """What a page writes into mldock.json is valid there."""
    for block in re.findall(r"^```json\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        text = block if block.lstrip().startswith("{") else f"{{{block}}}"
        Project.model_validate({"image_name": "model", **json.loads(text)})


def test_sessions(project: Generated) -> None:
    """Each session is one of the project's, and each of them that deploys is on a page."""
    listed = [sys.executable, "-m", "nox", "--list"]
    output = subprocess.run(listed, cwd=project.path, capture_output=True, check=True, text=True)
    there = set(re.findall(r"^[*-] ([\w-]+)", output.stdout, re.MULTILINE))
    told = {
        name for page in PAGES for name in re.findall(r"nox -s ([\w-]+)", page.read_text("utf-8"))
    }

    # The benchmark is one of the templates' own repository.
    assert told - there == {"bench"}
    assert {"build", "push", "pull", "deploy", "kpis"} <= told


def test_commands_of_platforms(project: Generated) -> None:
    """Each command of a platform is there, with each option that a page gives it."""
    paths = os.pathsep.join([str(project.path), str(project.path / "src")])
    told: dict[tuple[str, str], set[str]] = {}
    for page in PAGES:
        for platform, command, rest in DEPLOY.findall(page.read_text("utf-8")):
            told.setdefault((platform, command), set()).update(re.findall(r"--[\w-]+", rest))
    assert {platform for platform, _ in told} == {"kubernetes", "sagemaker"}
    for (platform, command), options in told.items():
        result = subprocess.run(
            [sys.executable, "-m", "tools.deploy", platform, command, "--help"],
            cwd=project.path,
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        assert not {option for option in options if option not in result.stdout}, command
