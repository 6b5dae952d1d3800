"""Files of this machine, by a path or a file:// URI."""

from __future__ import annotations

from pathlib import Path

import pytest
from mldock import ContainerError

from tests.mldock.storage.tools import fetch, keep, make_tree, tree


@pytest.mark.parametrize("form", ["{}", "file://{}", "file:{}", "file://localhost{}"])
def test_local_tree_comes_and_goes(form: str, tmp_path: Path) -> None:
    """A directory is copied with its tree, from and to a path or a file:// URI."""
    source = make_tree(tmp_path / "a source", {"deep/file.csv": b"1,2"})
    uri = form.format(str(source).replace(" ", "%20") if form != "{}" else source)

    fetch(uri, tmp_path / "channel")
    keep(tmp_path / "channel", form.format(tmp_path / "new" / "target"))

    assert tree(tmp_path / "channel") == {"deep/file.csv": b"1,2"}
    assert tree(tmp_path / "new" / "target").pop("deep/file.csv") == b"1,2"
    # Two slashes where three are meant do not name another directory.
    with pytest.raises(ContainerError, match=r"it names the host 'data'. Write file:///path"):
        fetch("file://data/iris", tmp_path)


def test_file_that_may_be_run(tmp_path: Path) -> None:
    """A program is still one when it was fetched, and when it was kept."""
    source = make_tree(tmp_path / "source", {"run": b"#!/bin/sh", "read": b"1"})
    (source / "run").chmod(0o755)

    fetch(str(source), tmp_path / "channel")
    keep(tmp_path / "channel", str(tmp_path / "kept"))

    for directory in (tmp_path / "channel", tmp_path / "kept"):
        assert (directory / "run").stat().st_mode & 0o111 == 0o111
        assert (directory / "read").stat().st_mode & 0o111 == 0


@pytest.mark.parametrize("name", ["", "iris.csv"])
def test_input_that_is_in_its_place(name: str, tmp_path: Path) -> None:
    """A channel may be its own directory, or a file there: nothing is to be copied."""
    make_tree(tmp_path, {"iris.csv": b"1,2"})
    before = (tmp_path / "iris.csv").stat()

    fetch(str(tmp_path / name), tmp_path)
    # A result may be kept where it is written, too.
    keep(tmp_path, str(tmp_path))

    assert tree(tmp_path) == {"iris.csv": b"1,2"}
    assert (tmp_path / "iris.csv").stat().st_ino == before.st_ino


def test_links_are_followed_to_files(tmp_path: Path) -> None:
    """A link to a file is its content; what comes is no link."""
    source = make_tree(tmp_path / "source", {"real": b"1"})
    (source / "link").symlink_to("real")

    fetch(str(source), tmp_path / "channel")

    assert tree(tmp_path / "channel") == {"real": b"1", "link": b"1"}
    assert not (tmp_path / "channel" / "link").is_symlink()
