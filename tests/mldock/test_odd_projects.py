"""Old projects that people have changed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.converting.imports import Imports
from extensions.converting.modules import Module
from extensions.converting.notes import Notes
from extensions.converting.old import is_old, read_old
from extensions.model import CaptureError
from tests.capture.trees import build
from tests.generate.repository import Repository
from tests.mldock.conftest import convert
from tests.mldock.generations import B

TAB = b'{\n\t"mldock_module_dir": "src/",\n\t"container_dir": "container"\n}\n'
ROUTES = """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import Request
"""


def test_tabs_and_a_folder_with_a_slash(tmp_path: Path) -> None:
    """JSON may be indented by tabs, and a folder be written with a slash at its end."""
    project = build(tmp_path / "old", {**B, "mldock.json": TAB})

    assert is_old(project.path)
    assert read_old(project.path).container == "src/container"


def test_entries_and_files_in_the_way(
    tmp_path: Path, templates: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry without a name and a file named as a folder of ours are told; nobody has to sign."""
    config = B["mldock.json"]
    assert isinstance(config, bytes)
    odd = config.replace(b'"data": [', b'"data": ["shapes", ')
    old = build(tmp_path / "old", {**B, "mldock.json": odd, "deploy": b"#!/bin/sh\n"})
    settings = tmp_path / "gitconfig"
    settings.write_text("[commit]\n  gpgsign = true\n[gpg]\n  program = /nowhere/gpg\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))

    with pytest.raises(CaptureError) as told:
        convert(templates, old.path)

    assert "data has an entry without a usable name. Add it." in str(told.value)
    assert "- deploy: the template has a folder of that name" in str(told.value)


def test_block_of_imports() -> None:
    """A block whose only import has nothing in its place still has something in it."""
    text = Module("src/prediction.py", ROUTES, Notes()).adapted(Imports("src", "container"))

    compile(text, "prediction.py", "exec")
    assert "fastapi" not in text
