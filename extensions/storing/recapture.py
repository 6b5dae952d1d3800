"""Captures a project again, into a template that people may have edited since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from extensions.model import CaptureError, File, Tree
from extensions.reading import git
from extensions.rendering.trees import difference, digest, read_tree
from extensions.storing.index import sections
from extensions.storing.merge import merge

PAGE = "templates/README.md"


@dataclass(frozen=True)
class Existing:
    """A template as it lies in the repository.

    Attributes:
        files: By path in the repository; its section of the page under the page's path and `#`.
        description: What templates/NAME.yml says.

    """

    files: Tree
    description: Mapping[str, Any]

    @property
    def record(self) -> Mapping[str, Any]:
        """How it was captured; empty if it was not."""
        return self.description.get("captured") or {}


def existing(repository: Path, name: str) -> Existing | None:
    """Return the template of a name, or None if there is none.

    Raises:
        CaptureError: There is one that was not captured.

    """
    folder = repository / "templates" / name
    tree = read_tree(folder) if folder.is_dir() else {}
    files = {f"templates/{name}/{path}": file for path, file in tree.items()}
    for path in (description_of(name), questions_of(name), test_of(name)):
        if (repository / path).is_file():
            files[path] = File((repository / path).read_bytes())
    if not files:
        return None
    page = repository / PAGE
    section = sections(page.read_text("utf-8")).get(name) if page.is_file() else None
    if section:
        files[section_of(name)] = File(section.encode())
    text = files[description_of(name)].content if description_of(name) in files else b""
    found = Existing(files, yaml.safe_load(text) or {})
    if not found.record:
        raise CaptureError(
            f"templates/{name} is there, and no capture has written it: templates/{name}.yml has "
            "no record of one. Take another name: --name NAME"
        )
    return found


def description_of(name: str) -> str:
    """Return where the description of a template lies."""
    return f"templates/{name}.yml"


def questions_of(name: str) -> str:
    """Return where the own questions of a template lie."""
    return f"templates/_questions/{name}.yml"


def test_of(name: str) -> str:
    """Return where the test of a captured template lies."""
    return f"tests/captured/test_{name.replace('-', '_')}.py"


def section_of(name: str) -> str:
    """Return the name of a template's section of the page."""
    return f"{PAGE}#{name}"


def without_record(files: Tree, name: str) -> dict[str, File]:
    """Return all files but the description, which holds their digest."""
    return {path: file for path, file in files.items() if path != description_of(name)}


def merged(
    there: Existing, name: str, new: Tree, again: Callable[[Path], Tree], repository: Path
) -> dict[str, File]:
    """Return what is there to be written, with the edits by hand kept.

    Args:
        there: What lies in the repository.
        name: The template.
        new: What the capture gives now.
        again: Makes the recorded capture again, with the templates of a repository.
        repository: Where the templates lie.

    Raises:
        CaptureError: Edits by hand clash, or there is nothing to tell them from the capture by.

    """
    mine = without_record(there.files, name)
    new = with_old_record(there, name, new)
    if digest(mine) == there.record.get("digest"):
        return dict(new)
    theirs = without_record(new, name)
    if mine == theirs:
        return dict(new)
    base = recorded(there.record, name, again, repository)
    if base is None:
        lines = [
            f"  {difference(path, theirs[path], mine[path])}"
            if path in mine and path in theirs
            else f"  {path} is {'no more' if path in mine else 'not yet'} in the template"
            for path in sorted(mine.keys() | theirs.keys())
            if mine.get(path) != theirs.get(path)
        ]
        raise CaptureError(
            f"templates/{name} was edited by hand, and its record does not give what was captured "
            "then, so nothing tells edits from what the project changed. Nothing is written:\n"
            + "\n".join(lines)
            + "\nPut the edits aside (git stash), capture, and bring them back; or take another "
            "--name.",
            code=4,
        )
    result, clashes = merge(base, mine, theirs)
    if clashes:
        raise CaptureError(
            "Edits by hand clash with the new capture; nothing is written:\n"
            + "\n".join(f"  {clash}" for clash in clashes)
            + "\nMake the same change in the project, or take the edit back, and capture again.",
            code=4,
        )
    return result | {description_of(name): new[description_of(name)]}


def with_old_record(there: Existing, name: str, new: Tree) -> Tree:
    """Return the new files with the old record, if only the commit of the templates is another."""
    path = description_of(name)
    described = yaml.safe_load(new[path].content)
    commit = {"templates": there.record.get("templates")}
    if {**described, "captured": {**described["captured"], **commit}} == there.description:
        return {**new, path: there.files[path]}
    return new


def recorded(
    record: Mapping[str, Any], name: str, again: Callable[[Path], Tree], repository: Path
) -> dict[str, File] | None:
    """Return what the recorded capture gave, or None if it cannot be made again."""
    for source in (as_it_is, as_it_was):
        try:
            with source(repository, record) as folder:
                files = without_record(again(folder), name)
        except (CaptureError, git.GitError):
            continue
        if digest(files) == record.get("digest"):
            return files
    return None


@contextmanager
def as_it_is(repository: Path, _: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the repository itself."""
    yield repository


@contextmanager
def as_it_was(repository: Path, record: Mapping[str, Any]) -> Iterator[Path]:
    """Yield a clone of the repository at the commit that a capture has recorded."""
    with TemporaryDirectory(prefix="capture-") as folder:
        clone = Path(folder) / "templates"
        git.run(repository, "clone", "--quiet", "--shared", "--no-checkout", ".", str(clone))
        git.run(clone, "checkout", "--quiet", str(record.get("templates")), "--")
        yield clone
