"""CONTRIBUTING.md names files and folders that are there."""

from __future__ import annotations

import re

from tests.project import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
# Where the tree's names are; a name is below one of them.
PARENTS = ("", "templates", "templates/_shared", "extensions", "tests")
PATH = re.compile(r"(?!\.\./)[\w.-]+/[\w./-]*|[\w-]+\.(?:md|toml|yml)")


def test_tree() -> None:
    """Each name of the tree is there."""
    tree = PAGE.split("## The house")[1].split("```")[1]
    heads = [re.split(r"\s{3,}", line.strip())[0] for line in tree.splitlines()]
    names = {name for head in heads for name in head.split() if "NAME" not in name}

    assert len(names) > 30
    missing = [
        name for name in names if not any((ROOT / parent / name).exists() for parent in PARENTS)
    ]
    assert missing == []


def test_paths() -> None:
    """Each file and folder of the text is there."""
    text = re.sub(r"^```.*?^```", "", PAGE, flags=re.M | re.S)
    words = {word for code in re.findall(r"`([^`\n]+)`", text) for word in code.split()}
    paths = {word for word in words if PATH.fullmatch(word) and "NAME" not in word} - {".nox/"}

    assert len(paths) > 20
    assert {path for path in paths if not (ROOT / path).exists()} == set()
