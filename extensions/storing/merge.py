"""Three-way merge of whole trees: what was captured, what people made of it, what is new."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from extensions.model import File, Tree


def merge(base: Tree, ours: Tree, theirs: Tree) -> tuple[dict[str, File], list[str]]:
    """Merge what two sides have made of a tree.

    Args:
        base: The tree that both come from.
        ours: The tree with edits by hand.
        theirs: The new tree.

    Returns:
        The merged tree, and where the two clash, a line for each file. It is of use only if
        nothing clashes.

    """
    merged: dict[str, File] = {}
    clashes = []
    for name in sorted(base.keys() | ours.keys() | theirs.keys()):
        old, mine, new = base.get(name), ours.get(name), theirs.get(name)
        if mine == new or new == old:
            result = mine
        elif mine == old:
            result = new
        elif mine is None or new is None:
            clashes.append(
                f"{name}: removed by hand, and changed by the new capture"
                if mine is None
                else f"{name}: edited by hand, and the new capture has no such file"
            )
            continue
        else:
            result = merge_file(old, mine, new)
            if result is None:
                clashes.append(f"{name}: edited by hand where the new capture changes it too")
                continue
        if result is not None:
            merged[name] = result
    return merged, clashes


def merge_file(old: File | None, mine: File, new: File) -> File | None:
    """Merge a file line by line; None if the sides clash, or if it is not text."""
    if old is None or any(file.link is not None or file.text is None for file in (old, mine, new)):
        return None
    executable = new.executable if mine.executable == old.executable else mine.executable
    content = merge_lines(mine.content, old.content, new.content)
    return None if content is None else replace(mine, content=content, executable=executable)


def merge_lines(mine: bytes, old: bytes, new: bytes) -> bytes | None:
    """Return what `git merge-file` makes of three texts, or None if it finds a conflict."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("mine", "old", "new")]
        for path, content in zip(paths, (mine, old, new), strict=True):
            path.write_bytes(content)
        command = ["git", "merge-file", "--stdout", *map(str, paths)]
        result = subprocess.run(command, capture_output=True)
    return None if result.returncode else result.stdout
