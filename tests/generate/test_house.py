"""The repository itself: its files stay small, and its templates share by includes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.generate.repository import repository_files
from tests.project import ROOT, TEMPLATES

SHARED = ROOT / "templates" / "_shared"

STUB = re.compile(r'\{% include "templates/_shared/(?P<path>[^"]+)" -%\}\n')
CONDITION = re.compile(r"\{%.*?%\}")


def test_no_large_file() -> None:
    """No file has more than 300 KB, and no module more than 400 lines."""
    sizes = {name: (ROOT / name).lstat().st_size for name in repository_files()}
    modules = [Path(name) for name in sizes if name.endswith(".py") and (ROOT / name).is_file()]
    lengths = {str(path): len((ROOT / path).read_text("utf-8").splitlines()) for path in modules}

    assert {name: size for name, size in sizes.items() if size > 300_000} == {}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


@pytest.mark.parametrize("template", TEMPLATES)
def test_shared_files(template: str) -> None:
    """Each template includes each shared file at its own place, executable where that is."""
    folder = ROOT / "templates" / template
    included = {}
    for path in folder.rglob("*.jinja"):
        if found := STUB.fullmatch(path.read_text("utf-8")):
            place = CONDITION.sub("", path.relative_to(folder).as_posix()).removesuffix(".jinja")
            assert path.stat().st_mode == (SHARED / found["path"]).stat().st_mode, path
            included[found["path"]] = place
    tracked = [name for name in repository_files() if name.startswith("templates/_shared/")]
    shared = [name.removeprefix("templates/_shared/") for name in tracked]
    wanted = {
        name: CONDITION.sub("", name).removesuffix(".jinja")
        for name in shared
        if name[:8] != "project/"
    }

    assert {name: place for name, place in included.items() if name in wanted} == wanted


def test_windows() -> None:
    """A checkout is whole on Windows, which has no links and no such characters in a name."""
    names = repository_files()

    assert [name for name in names if (ROOT / name).is_symlink()] == []
    assert [name for name in names if re.search(r'[<>:"|?*\\]', name)] == []


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
