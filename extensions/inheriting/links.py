"""What of a parent stays as it is: folders are linked, files included or copied."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from enum import Enum

from extensions.inheriting.sources import SUFFIX, Parent, Source, parents_of
from extensions.model import File, Tree

# The one line of a source that only includes another.
STUB = re.compile(r'\{% include "[^"\\]+" -%\}\n')
JINJA = re.compile(r"\{[{%#]")


class Manner(Enum):
    """How a file of a project comes from the parent."""

    KEPT_LINK = "kept, in a linked folder"
    KEPT_INCLUDE = "kept, the parent's source is included"
    KEPT_COPY = "kept, as a copy of the parent's source"
    MERGED = "merged with the parent's source"
    MERGED_CONFLICT = "merged; where both differed, the owner's lines are taken"


def linked(parent: Parent, project: Tree) -> list[str]:
    """Return the largest folders of the parent that the project has as the parent makes them.

    Those that the answers leave out are not among them.
    """
    below = paths_below(project)
    found: list[str] = []
    for folder, sources in sorted(parent.folders.items(), key=lambda item: item[0].count("/")):
        if any(outer in found for outer in parents_of(folder)):
            continue
        targets = {source.target for source in sources if source.target is not None}
        same = all(project.get(target) == parent.rendered[target] for target in targets)
        if targets and same and targets == below.get(parent.target(folder) or "", set()):
            found.append(folder)
    return sorted(found)


def paths_below(tree: Iterable[str]) -> dict[str, set[str]]:
    """Return the paths below each folder."""
    below: dict[str, set[str]] = {}
    for path in tree:
        for folder in parents_of(path):
            below.setdefault(folder, set()).add(path)
    return below


def link(parent: Parent, folder: str) -> File:
    """Return a link to a folder of the parent, for the same place in another template."""
    # No template can have that name, so that no path is shorter for it.
    place = posixpath.join("templates", "<name>", posixpath.dirname(folder))
    return File(link=posixpath.relpath(parent.real(folder), place))


def keep(source: Source, executable: bool, project: Tree) -> tuple[str, File, Manner]:
    """Return what stands for a source of the parent in another template.

    Args:
        source: The source.
        executable: Whether the project's file is executable.
        project: The project's files.

    Returns:
        A path in the template's folder, the file, and what it is.

    """
    # Beside `a.jinja` of the project, whose source is `a.jinja.jinja`, Copier drops an `a.jinja`.
    is_free = f"{source.target}{SUFFIX}" not in project
    if not can_be_included(source) or not (source.is_template or is_free):
        return source.path, File(source.file.content, executable), Manner.KEPT_COPY
    name = source.path if source.is_template else source.path + SUFFIX
    text = source.template
    if not STUB.fullmatch(text):
        text = f'{{% include "{source.real}" -%}}\n'
    return name, File(text.encode(), executable), Manner.KEPT_INCLUDE


def can_be_included(source: Source) -> bool:
    """Say whether Jinja gives a source as Copier gives it."""
    if '"' in source.real or "\\" in source.real or source.file.text is None:
        return False
    # Jinja reads braces, and turns every end of line into a newline.
    plain = source.file.text
    return source.is_template or not (JINJA.search(plain) or "\r" in plain)
