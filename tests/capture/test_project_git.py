"""How a project is read: with few processes, and without a trace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extensions import project
from tests.capture.trees import READY, as_tree, build
from tests.generate.repository import Repository


def test_leaves_the_repository_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading writes nothing, not even the index that git likes to refresh."""
    monkeypatch.delenv("GIT_OPTIONAL_LOCKS", raising=False)
    repository = build(tmp_path, READY)
    # Another time stamp makes the index stale.
    os.utime(tmp_path / "src/trainer.py", (0, 0))
    before = snapshot(repository)

    project.read(tmp_path)

    assert snapshot(repository) == before


def snapshot(repository: Repository) -> dict[str, bytes]:
    """Return all that is in a folder, .git included."""
    files = (path for path in repository.path.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files}


def test_inside_a_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git tells its hooks does not lead to another repository."""
    build(tmp_path / "here", READY)
    build(tmp_path / "there", {"other": b""})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "there/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "there/.git/index"))

    assert project.read(tmp_path / "here").files == as_tree(READY)


def test_few_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred files take no more runs of git than one does."""
    build(tmp_path / "one", {"file": b""})
    build(tmp_path / "many", {f"file{number}": b"%d" % number for number in range(100)})
    counts = []
    for name in ("one", "many"):
        trace = tmp_path / f"{name}.trace"
        monkeypatch.setenv("GIT_TRACE", str(trace))
        project.read(tmp_path / name)
        counts.append(trace.read_text("utf-8").count("trace: built-in"))

    assert counts[0] == counts[1] > 0
