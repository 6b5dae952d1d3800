"""How large the house and a generated project may be; how to raise a figure: CONTRIBUTING.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.generate.repository import repository_files
from tests.project import ROOT, TEMPLATES, generate

# The most lines that the files of a folder may have; those of a folder with its own limit apart.
LINES = {
    "src/mldock": 13_490,
    "src/mldock/cli": 4_366,
    "templates/_shared/src/container": 457,
    "templates": 4_399,
    "extensions": 4_680,
    "scripts": 537,
    "docs": 4_061,
    "benchmarks": 3_979,
    "tests": 34_156,
}

# The most files, and lines of Python, of a project with the default answers; data apart.
PROJECTS = {
    "generic": (39, 797),
    "pytorch": (41, 1_000),
    "sklearn": (39, 883),
}

# A limit that is further above the count than that is lowered: it would let the house grow again.
SLACK = 1.02

DATA = (".csv", ".lock", ".png", ".svg")


def lines(paths: Iterable[Path]) -> int:
    """Return how many lines the files have, data and links apart."""
    return sum(
        path.read_bytes().count(b"\n")
        for path in paths
        if path.is_file() and not path.is_symlink() and path.suffix not in DATA
    )


def check(what: str, count: int, limit: int) -> None:
    """Fail where a count has grown, and where its limit should follow it down."""
    assert count <= limit, f"{what}: {count:,}, at most {limit:,} are allowed: CONTRIBUTING.md"
    assert limit <= count * SLACK, f"{what}: {count:,}: lower the limit of {limit:,} to that"


@pytest.mark.parametrize("folder", LINES)
def test_a_folder_does_not_grow(folder: str) -> None:
    """No part of the house has more lines than it is allowed."""
    within = tuple(f"{other}/" for other in LINES if other.startswith(f"{folder}/"))
    names = [name for name in repository_files() if name.startswith(f"{folder}/")]
    names = [name for name in names if not name.startswith(within)]
    check(f"lines of {folder}", lines(ROOT / name for name in names), LINES[folder])


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_project_does_not_grow(template: str, tmp_path: Path) -> None:
    """An owner is given no more files, and no more Python, than allowed."""
    project = generate(tmp_path / "project", template=template)
    names = {name for name in project.files() if not name.startswith("data/")}
    python = lines(project.path / name for name in names if name.endswith(".py"))
    most_files, most_python = PROJECTS[template]

    check(f"files of a {template} project", len(names), most_files)
    check(f"lines of Python of a {template} project", python, most_python)
