"""Each command that a page shows is run by a test: here it is said by which."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from mldock.__main__ import COMMANDS

from tests.docs.pages import PAGES, blocks, name_of, steps
from tests.project import ROOT

# Who runs the commands of a page. A page with commands that is not here fails.
RUN_BY = {
    "CONTRIBUTING.md": "tests/habits/test_contributing.py",
    "README.md": "tests/docs/test_readme.py",
    "docs/bring-your-own-model.md": "tests/docs/test_own_model.py",
    "docs/capture.md": "tests/unit/test_capture_page.py",
    "docs/extending.md": "tests/extending/test_extending.py",
    "docs/client.md": "tests/typed_client/test_page.py",
    "docs/deploy.md": "tests/generate/test_deploy_pages.py",
    "docs/deploy/": "tests/generate/test_deploy_pages.py",
    "docs/index.md": "tests/docs/test_readme.py",
    "docs/quickstart/": "tests/docs/test_quickstart.py",
    "docs/update.md": "tests/update/test_cases.py",
}

COPIER = re.compile(r"\bcopier (copy|update|recopy|check-update)\b([^\n|&#`]*)")
WITH_COMMANDS = [
    page
    for page in PAGES
    if any(block.language == "console" for block in blocks(page.read_text("utf-8")))
]


def commands(page: Path) -> list[str]:
    """Return the commands of a page."""
    text = page.read_text("utf-8")
    consoles = [block for block in blocks(text) if block.language == "console"]
    return [step.command for block in consoles for step in steps(block)]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_somebody_runs_them(page: Path) -> None:
    """A page with commands has a test that is there."""
    name = name_of(page)
    tests = RUN_BY.get(name) or RUN_BY.get(f"{page.parent.relative_to(ROOT).as_posix()}/")

    assert tests, f"{name} shows commands. Run them in a test, and write its name into RUN_BY."
    assert (ROOT / tests).exists()
    assert commands(page), "no line of a block begins with a $"


def test_home_begins_as_the_readme_does() -> None:
    """The site's first commands are those of the README, which are run there."""
    home, readme = (" && ".join(commands(ROOT / name)) for name in ("docs/index.md", "README.md"))

    assert readme.startswith(home)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_sessions(page: Path) -> None:
    """Each session of nox that a page names is one of a project or of this repository."""
    told = set(re.findall(r"\bnox -s ([a-z][\w-]*)", page.read_text("utf-8")))

    assert told <= sessions()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_options_of_copier(page: Path) -> None:
    """Each option of Copier that a page names is one of Copier's."""
    for subcommand, rest in COPIER.findall(page.read_text("utf-8")):
        for option in re.findall(r"(?<!\S)--[\w-]+", rest):
            assert option in options_of()[subcommand], f"copier {subcommand} {option}"


@cache
def sessions() -> frozenset[str]:
    """Return the names of the sessions of a project and of this repository."""
    names = set()
    for path in (ROOT / "noxfile.py", ROOT / "templates/_shared/project/noxfile.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in map(ast.unparse, node.decorator_list):
                if decorator.startswith("nox.session"):
                    named = re.search(r"name='([\w-]+)'", decorator)
                    names.add(named[1] if named else node.name)
    return frozenset(names | COMMANDS.keys())


@cache
def options_of() -> dict[str, str]:
    """Return what Copier's help says of each of its subcommands."""
    command = [sys.executable, "-m", "copier", "--help-all"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    parts = re.split(r"^\S+ ([a-z-]+) \d.*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
