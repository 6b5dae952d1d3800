"""What a capture would change in the working tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from extensions.model import File, Tree
from extensions.rendering.trees import unified
from extensions.storing.recapture import PAGE


def changes(repository: Path, files: Tree, before: Tree) -> str:
    """Return the change of each file as `diff -u` shows it.

    Args:
        repository: Where the templates lie.
        files: What would be written.
        before: What of the template is there.

    """
    page = repository / PAGE
    there = {**before, PAGE: File(page.read_bytes())} if page.is_file() else dict(before)
    names = sorted(name for name in files.keys() | there.keys() if not name.startswith(f"{PAGE}#"))
    return "".join(unified(name, there.get(name), files.get(name)) for name in names)


def tree(files: Tree) -> Iterator[str]:
    """Yield a line for each file and folder, indented as deep as it lies."""
    seen: set[str] = set()
    for name, file in sorted(files.items()):
        parts = name.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in seen:
                seen.add(folder)
                yield f"{'  ' * (depth - 1)}{parts[depth - 1]}/"
        link = f" -> {file.link}" if file.link is not None else ""
        mark = " (executable)" if file.executable else ""
        yield f"{'  ' * (len(parts) - 1)}{parts[-1]}{link}{mark}"
