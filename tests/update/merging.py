"""What an update must give, file by file: git's own three-way merge of it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ANSWERS = ".copier-answers.yml"
# It names the commit that the project comes from.
RUNTIME = "src/container/requirements.txt"
LABELS = ["-L", "before updating", "-L", "last update", "-L", "after updating"]

# The files of a project by their paths.
Tree = Mapping[str, bytes]


@dataclass(frozen=True)
class Merge:
    """A file after an update, and whether both had changed the same lines."""

    content: bytes
    is_conflict: bool = False


def tree(folder: Path) -> dict[str, bytes]:
    """Return what the files of a project hold, but for git's own and the answers."""
    files = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }
    return {name: path.read_bytes() for name, path in files.items() if name != ANSWERS}


def executables(folder: Path) -> set[str]:
    """Return the files of a project that can be started."""
    return {name for name in tree(folder) if (folder / name).stat().st_mode & 0o111}


def merged(mine: Tree, old: Tree, new: Tree) -> dict[str, Merge]:
    """Return the files that a project has after an update from `old` to `new`."""
    files = {}
    for name in sorted({*mine, *old, *new}):
        added, deleted = name not in old, name in old and name not in mine
        if deleted or (name not in mine and name not in new):
            continue
        if name not in mine:
            files[name] = Merge(new[name])
        elif name in new:
            files[name] = merge(mine[name], old.get(name, b""), new[name])
        elif added:
            files[name] = Merge(mine[name])
        else:
            assert mine[name] == old[name], f"an update deletes {name}, which its owner has changed"
    return files


def merge(mine: bytes, old: bytes, new: bytes) -> Merge:
    """Merge three versions of a file."""
    if mine in (old, new):
        return Merge(new)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("mine", "old", "new")]
        for path, content in zip(paths, (mine, old, new), strict=True):
            path.write_bytes(content)
        result = subprocess.run(["git", "merge-file", "-p", *LABELS, *paths], capture_output=True)
    # It says how many conflicts there are.
    assert 0 <= result.returncode < 128, result.stderr
    return Merge(result.stdout, bool(result.returncode))
