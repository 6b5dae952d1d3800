"""CONTRIBUTING.md speaks of what there is, and of all folders that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.generate.repository import repository_files
from tests.project import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
PAGES = ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"]
PROJECT_NOXFILE = ROOT / "templates/_shared/project/noxfile.py"

# Below these every folder has a line of its own in the map, or shares one.
MAPPED = ["extensions", "scripts", "tests", "templates/_shared"]

# Placeholders of the map and of the text.
NAMES = re.compile(r"NAME")
PATH = re.compile(r"(?!\.\./)[\w.-]+/[\w./-]*|[\w-]+\.(?:md|toml|yml)")

# They come with the first run.
MADE = {".nox/"}


def house() -> set[str]:
    """Return the paths that the map names."""
    block = re.search(r"^## The house\n+```\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    assert block
    return set(walk(block[1]))


def walk(tree: str) -> Iterator[str]:
    """Yield the path of each line of a tree; two blanks are a level."""
    above: list[str] = []
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = re.match(r"(?:[\w./-]+(?: (?=[\w-]+/))?)+", line.strip())
        assert names, line
        for name in names[0].split():
            yield "".join([*above[:depth], name])
        above[depth:] = [names[0].split()[0]]


def folders() -> set[str]:
    """Return the folders right below those that are mapped."""
    return {
        f"{root}/{PurePosixPath(name).relative_to(root).parts[0]}/"
        for name in repository_files()
        for root in MAPPED
        if name.startswith(f"{root}/") and name.count("/") > root.count("/") + 1
    }


def test_map() -> None:
    """What it names is there, and a new folder has to be put in."""
    named = {path for path in house() if not NAMES.search(path)}

    assert {path for path in named if not (ROOT / path).exists()} == set()
    shared = {"templates/_shared/src/", "templates/_shared/tests/", "templates/_shared/wheels/"}
    assert folders() - named <= shared


def test_paths() -> None:
    """Each file and folder of the text is there."""
    text = re.sub(r"^```.*?^```", "", PAGE.read_text("utf-8"), flags=re.M | re.S)
    words = [word for code in re.findall(r"`([^`\n]+)`", text) for word in code.split()]
    paths = {word.rstrip(",") for word in words if PATH.fullmatch(word.rstrip(","))}
    own = {path for path in paths - MADE if not NAMES.search(path)}

    assert len(own) > 20
    assert {path for path in own if not (ROOT / path).exists()} == set()


def test_sessions() -> None:
    """Each session is one of this repository, or one of a project."""
    there = {
        name.replace("_", "-")
        for path in (ROOT / "noxfile.py", PROJECT_NOXFILE)
        for name in re.findall(r"^@nox\.session.*\ndef ([a-z_]+)\(", path.read_text("utf-8"), re.M)
    }
    told = set(re.findall(r"nox -s ([a-z-]+)", PAGE.read_text("utf-8")))

    assert told
    assert told - there == set()


@pytest.mark.parametrize("page", PAGES)
def test_links(page: str) -> None:
    """A link leads to a file."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text("utf-8"))

    assert [link for link in links if not (ROOT / link).exists()] == []
