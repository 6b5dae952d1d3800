"""A project of mldock is refused in one line, and the page for it names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extensions import project
from extensions.model import CaptureError
from tests.capture.trees import build
from tests.project import ROOT

PAGE = (ROOT / "docs" / "coming-from-mldock.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "text"),
    [("mldock.yaml", b"image_name: a\n"), ("mldock.json", b'{"mldock_module_dir": "src"}')],
)
def test_refused(tmp_path: Path, name: str, text: bytes) -> None:
    """The line names the project, what is missing and what to do."""
    old = build(tmp_path / "old", {name: text, "src/container/Dockerfile": b"FROM python:3.8\n"})

    with pytest.raises(CaptureError, match="is a project of mldock") as error:
        project.read(old.path)

    said = str(error.value)
    assert error.value.code == 3
    assert "\n" not in said
    for part in (str(old.path), name, "copier copy", "docs/coming-from-mldock.md"):
        assert part in said


def test_page_names_what_is_there() -> None:
    """The right-hand columns name sessions, files and names of the code that exist."""
    here = "\n".join(line.split(" | ")[-1] for line in PAGE.splitlines() if line.startswith("| "))
    sessions = (ROOT / "templates/_shared/project/noxfile.py").read_text("utf-8")
    sessions += (ROOT / "noxfile.py").read_text("utf-8")
    folder = ROOT / "templates" / "generic"
    modules = [*folder.rglob("src/*.py"), *ROOT.rglob("src/mldock/**/*.py")]
    code = "\n".join(module.read_text("utf-8") for module in modules)

    for name in re.findall(r"nox -s ([a-z-]+)", here):
        assert re.search(rf'def {name}\(|name="{name}"|"{name}": "', sessions), name
    for path in re.findall(r"`(src/[\w./]+)`", here):
        assert (folder / path).exists() or (folder / f"{path}.jinja").exists(), path
    for name in re.findall(r"`(?:environment\.)?([A-Z][a-z]\w+|[a-z]+_[a-z]+)(?:\(.*?\))?`", here):
        assert re.search(rf"\b{name}\b", code), name
