"""Projects in git, built from what a test names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from extensions import project
from extensions.model import CaptureError, File
from tests.generate.repository import Repository

# The least that can become a template.
READY: dict[str, bytes | File] = {
    "src/container/Dockerfile": b"FROM scratch\n",
    "src/trainer.py": b"print('trained')\n",
}


def build(path: Path, files: Mapping[str, bytes | File]) -> Repository:
    """Return a repository with these files, all in one commit."""
    path.mkdir(parents=True, exist_ok=True)
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch", "main")
    add(repository, files)
    return repository


def add(repository: Repository, files: Mapping[str, bytes | File]) -> None:
    """Commit more files, those too that .gitignore names."""
    write(repository.path, files)
    repository.git("add", "--all", "--force")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "change")


def write(root: Path, files: Mapping[str, bytes | File]) -> None:
    """Write files and links into a folder."""
    for name, file in as_tree(files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.link is not None:
            path.symlink_to(file.link)
        else:
            path.write_bytes(file.content)
            path.chmod(0o755 if file.executable else 0o644)


def as_tree(files: Mapping[str, bytes | File]) -> dict[str, File]:
    """Return files as a capture has them."""
    return {name: File(file) if isinstance(file, bytes) else file for name, file in files.items()}


def refusal(path: Path, *allowed: str, ref: str | None = None) -> str:
    """Return why a project is not captured."""
    with pytest.raises(CaptureError) as caught:
        project.read(path, ref, allowed)
    assert caught.value.code == 3
    return str(caught.value)
