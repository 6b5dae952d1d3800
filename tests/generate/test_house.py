"""The repository itself: its files stay small, and its templates share by links that work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.generate.repository import repository_files
from tests.project import CAPTURED, ROOT, TEMPLATES

SHARED = ROOT / "templates" / "_shared"

# What each template has by link, and where it is.
LINKS = {
    "deploy": "deploy",
    "src/container": "src/container",
    "tests/contract": "tests/contract",
    "wheels": "wheels",
}


def test_no_large_file() -> None:
    """No file has more than 300 KB, and no module more than 400 lines."""
    sizes = {name: (ROOT / name).lstat().st_size for name in repository_files()}
    modules = [Path(name) for name in sizes if name.endswith(".py") and (ROOT / name).is_file()]
    lengths = {str(path): len((ROOT / path).read_text("utf-8").splitlines()) for path in modules}

    assert {name: size for name, size in sizes.items() if size > 300_000} == {}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


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
            "templates/_shared/project/noxfile.py",
        )
    }

    assert len({version for versions in pins.values() for version in versions}) == 1, pins
    assert all(pins.values()), pins
