"""Trees on disk, and how two of them differ."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from pathlib import Path

from extensions.model import File, Tree


def write_tree(folder: Path, tree: Tree) -> None:
    """Write the files of a tree, in the place of those that are there."""
    for name, file in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.is_file():
            path.unlink()
        path.write_bytes(file.content)
        path.chmod(0o755 if file.executable else 0o644)


def read_tree(folder: Path) -> dict[str, File]:
    """Read all files below a folder."""
    tree = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            tree[name] = File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
    return tree


def digest(tree: Tree) -> str:
    """Return a text that two trees share only if they are the same, bytes and modes."""
    total = hashlib.sha256()
    for name, file in sorted(tree.items()):
        for part in (name.encode(), file.content, b"x" if file.executable else b""):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def differences(wanted: Tree, found: Tree) -> list[str]:
    """Return how a tree differs from the one that is wanted, a line for each file."""
    lines = []
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            lines.append(f"{name} is missing")
        elif name not in wanted:
            lines.append(f"{name} should not be there")
        elif wanted[name] != found[name]:
            lines.append(difference(name, wanted[name], found[name]))
    return lines


def difference(name: str, wanted: File, found: File) -> str:
    """Return how a file differs from the one that is wanted: where, and what is there."""
    if wanted.content == found.content:
        return f"{name}: its mode differs"
    before, after = lines_of(wanted), lines_of(found)
    for number, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        if old != new:
            return f"{name}:{number}: {new[:120]!r} instead of {old[:120]!r}"
    return f"{name}: {len(after)} lines instead of {len(before)}"


def lines_of(file: File) -> Sequence[str | bytes]:
    """Return the lines of a file as occurrences count them, as text if it is one."""
    text = file.text
    return file.content.split(b"\n") if text is None else text.split("\n")


def unified(name: str, before: File, after: File) -> str:
    """Return the change of a text as `diff -u` shows it; for what is not text, a line."""
    is_text = before.text is not None and after.text is not None
    if not is_text or before.content == after.content:
        return f"{difference(name, before, after)}\n" if before != after else ""
    texts = [
        file.text.splitlines(keepends=True) for file in (before, after) if file.text is not None
    ]
    lines = difflib.unified_diff(texts[0], texts[1], name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
