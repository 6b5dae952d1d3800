"""The repository itself stays small, and its templates share by links that work."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.generate.repository import repository_files
from tests.project import CAPTURED, ROOT, TEMPLATES

SHARED = ROOT / "templates" / "_shared"

# What each template has by link, and where it lies.
LINKS = {
    "deploy": "deploy",
    "src/container": "src/container",
    "tests/contract": "tests/contract",
    "tools": "tools",
    "wheels": "wheels",
}


def python_files(*folders: str) -> list[Path]:
    """Return the Python files of this repository below folders."""
    names = [Path(name) for name in repository_files() if name.endswith(".py")]
    return [name for name in names if any(name.is_relative_to(folder) for folder in folders)]


def lines(path: Path) -> int:
    """Return how many lines a file has."""
    return len((ROOT / path).read_text("utf-8").splitlines())


def code_lines(path: Path) -> int:
    """Return how many lines of a file are code: no docstring, no comment, no blank."""
    text = (ROOT / path).read_text("utf-8")
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        for first in node.body[:1]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        for line in range(first.lineno, (first.end_lineno or 0) + 1)
    }
    return sum(
        number not in docstrings and bool(line.strip()) and not line.strip().startswith("#")
        for number, line in enumerate(text.splitlines(), start=1)
    )


def test_no_large_file() -> None:
    """No file has more than 300 KB; models and large data belong elsewhere."""
    sizes = {name: (ROOT / name).lstat().st_size for name in repository_files()}

    assert {name: size for name, size in sizes.items() if size > 300_000} == {}


def test_no_long_module() -> None:
    """No Python file has more than 200 lines."""
    sources = [f"templates/{template}/src" for template in TEMPLATES]
    files = python_files("templates/_shared", "extensions", "scripts", "tests", *sources)

    assert files
    assert {str(path): lines(path) for path in files if lines(path) > 200} == {}


@pytest.mark.parametrize(
    ("folder", "limit"),
    [
        ("lifecycle", 1350),
        ("lifecycle/hosts", 420),
        ("lifecycle/storage", 700),
        ("training", 260),
        ("training/report", 680),
        ("prediction", 1230),
        ("prediction/codecs", 600),
        ("prediction/openapi", 300),
    ],
)
def test_container_is_small(folder: str, limit: int) -> None:
    """Who wants to know what runs in the container reads no more code than this."""
    path = Path("templates/_shared/src/container") / folder
    files = [file for file in python_files(str(path)) if file.parent == path]

    assert 0 < sum(code_lines(file) for file in files) < limit


def test_noxfile_is_small() -> None:
    """The commands of a project fit into 160 lines."""
    assert lines(Path("templates/_shared/project/noxfile.py")) < 160


@pytest.mark.parametrize("template", TEMPLATES)
def test_links(template: str) -> None:
    """A template's links are whole folders of templates/_shared, by a relative path."""
    folder = ROOT / "templates" / template
    links = {path for path in folder.rglob("*") if path.is_symlink()}

    assert {path.relative_to(folder).as_posix() for path in links} == set(LINKS)
    for path in links:
        assert not path.readlink().is_absolute()
        assert path.resolve() == SHARED / LINKS[path.relative_to(folder).as_posix()]
        assert path.is_dir()


def test_no_other_link() -> None:
    """Only templates have links; a linked file would lose that it is executable."""
    captured = tuple(f"templates/{template}/" for template in CAPTURED)
    links = {name for name in repository_files() if (ROOT / name).is_symlink()}
    linked = {name for name in links if not name.startswith(captured)}

    assert linked == {f"templates/{template}/{link}" for template in TEMPLATES for link in LINKS}


def test_uv_has_one_version() -> None:
    """The image, the sessions of a project and this repository install with the same uv."""
    pins = {
        name: re.findall(r"uv(?:==|_VERSION = \")([0-9.]+)", (ROOT / name).read_text("utf-8"), re.I)
        for name in (
            "pyproject.toml",
            "templates/_shared/src/container/Dockerfile.jinja",
            "templates/_shared/tools/environment.py",
        )
    }

    assert len({version for versions in pins.values() for version in versions}) == 1, pins
    assert all(pins.values()), pins
