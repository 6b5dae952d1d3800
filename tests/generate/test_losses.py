"""What `copier update` would lose without a word, templates do not have in the first place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generate.repository import own, repository_files
from tests.project import ROOT, TEMPLATES, generate


def is_text(content: bytes) -> bool:
    """Return whether git and Copier carry each change of it: no zero, and UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def test_no_file_is_binary() -> None:
    """An edit of a binary file, or of one that is not UTF-8, would not outlast an update."""
    names = [name for name in repository_files() if name.startswith("templates/")]
    files = [ROOT / name for name in names if (ROOT / name).is_file()]

    assert len(files) > 100
    assert [path for path in files if not is_text(path.read_bytes())] == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_file_is_ignored(tmp_path: Path, template: str) -> None:
    """A file that git does not know would be overwritten by an update, and git has no copy."""
    project = generate(tmp_path / "model", template=template)
    files = project.files()

    tracked = set(own(project.path).git("ls-files", "-z").split("\0")[:-1])

    wheels = {name for name in tracked if name.endswith(".whl")}
    assert tracked - wheels == files
    # The runtime's; those of other packages are the owner's to decide.
    assert len(wheels) == 1


def test_no_file_of_an_owner_is_skipped() -> None:
    """An update that leaves a file alone would leave its mistakes alone too."""
    assert "skip_if_exists" not in (ROOT / "copier.yml").read_text("utf-8")
