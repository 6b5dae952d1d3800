"""Trees on disk, and how two of them differ."""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from extensions.model import File, Tree

# Where Linux has files in memory, and the room that a capture wants there.
MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder that is gone afterwards.

    It is in memory where there is room: on a disk most of the time of a large capture would go
    into making files.
    """
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    place = MEMORY if has_room else None
    with tempfile.TemporaryDirectory(prefix="capture-", dir=place) as folder:
        yield Path(folder)


def write_tree(folder: Path, tree: Tree) -> None:
    """Write the files of a tree, over those that are there."""
    made: set[Path] = set()
    for name, file in tree.items():
        path = folder / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        try:
            write_file(path, file)
        except FileExistsError:
            path.unlink()
            write_file(path, file)


def write_file(path: Path, file: File) -> None:
    """Write a file or a link that is not there yet, with as few calls as there can be."""
    if file.link is not None:
        path.symlink_to(file.link)
        return
    mode = 0o755 if file.executable else 0o644
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as target:
        target.write(file.content)


def read_tree(folder: Path) -> dict[str, File]:
    """Read all files below a folder; a link to a folder is not followed."""
    tree = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            tree[name] = File(link=path.readlink().as_posix())
        elif path.is_file():
            tree[name] = File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
    return tree


def digest(tree: Tree) -> str:
    """Return a text that two trees share only if they are the same, bytes, modes and links."""
    total = hashlib.sha256()
    for name, file in sorted(tree.items()):
        parts = [name.encode(), file.content, b"x" if file.executable else b"", link_of(file)]
        for part in parts:
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def link_of(file: File) -> bytes:
    """Return the target of a link."""
    return b"" if file.link is None else b"->" + file.link.encode()


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
        return (
            f"{name}: its mode differs"
            if wanted.link == found.link
            else f"{name}: its link differs"
        )
    before, after = lines_of(wanted), lines_of(found)
    for number, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        if old != new:
            return f"{name}:{number}: {new[:120]!r} instead of {old[:120]!r}"
    return f"{name}: {len(after)} lines instead of {len(before)}"


def lines_of(file: File) -> Sequence[str | bytes]:
    """Return the lines of a file as sites count them, as text if it is one."""
    text = file.text
    return file.content.split(b"\n") if text is None else text.split("\n")


def unified(name: str, before: File | None, after: File | None) -> str:
    """Return the change of a file as `diff -u` shows it; for what is no text, a line."""
    old, new = (None if file is None else shown(file) for file in (before, after))
    if old == new and (before is None) == (after is None):
        return ""
    texts = [[] if text is None else text.splitlines(keepends=True) for text in (old, new)]
    heads = ["/dev/null" if text is None else name for text in (old, new)]
    lines = difflib.unified_diff(texts[0], texts[1], heads[0], heads[1])
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def shown(file: File) -> str:
    """Return what a diff shows of a file."""
    if file.link is not None:
        return f"link to {file.link}\n"
    mode = "executable\n" if file.executable else ""
    text = file.text
    return mode + (f"{len(file.content)} bytes that are no text\n" if text is None else text)
