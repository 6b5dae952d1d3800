"""Captures a project again, into a template that people may have edited since."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from extensions import git
from extensions.decisions import Place
from extensions.model import CaptureError, File, Tree
from extensions.project import Project, read
from extensions.recipe import Recipe
from extensions.record import PAGE, description_of, questions_of, section_of, sections, test_of
from extensions.trees import difference, digest, read_tree


@dataclass(frozen=True)
class Existing:
    """A captured template as the repository has it.

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

    @property
    def recipe(self) -> Recipe:
        """The recorded recipe; what was edited in the description goes before it."""
        edited: dict[str, Any] = {
            name: str(self.description[name])
            for name in ("title", "predicts")
            if self.description.get(name) not in (None, "", self.record.get(name))
        }
        return Recipe.from_record(self.record.get("recipe", {})).then(Recipe(**edited))


def existing(repository: Path, name: str) -> Existing | None:
    """Return the template of a name, or None if there is none."""
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
    text = files.get(description_of(name), File()).content
    found = Existing(files, yaml.safe_load(text) or {})
    if not found.record:
        raise CaptureError(
            f"templates/{name} is there, and no capture has written it: templates/{name}.yml has "
            "no record of one. Take another name: --name NAME"
        )
    return found


def still_valid(recipe: Recipe, there: Existing, project: Project) -> Recipe:
    """Return the recipe without decisions about lines of files that have changed since.

    Another text may be there now, so they are asked for again.
    """
    try:
        before = read(project.root, str(there.record.get("commit")), recipe.allowed).files
    except CaptureError:
        before = {}

    def holds(place: Place) -> bool:
        if not place.line:
            return True
        file, old = project.files.get(place.path), before.get(place.path)
        return file is not None and old is not None and file.content == old.content

    decisions = {text: one for text, one in recipe.decisions.items() if holds(Place.parse(text))}
    return replace(recipe, decisions=decisions)


def without_description(files: Tree, name: str) -> dict[str, File]:
    """Return all files but the description, which holds their digest."""
    return {path: file for path, file in files.items() if path != description_of(name)}


def merged(
    there: Existing, name: str, new: Tree, again: Callable[[Path], Tree], repository: Path
) -> dict[str, File]:
    """Return what is to be written, with the edits by hand kept."""
    new = with_old_record(there, name, new)
    mine, theirs = without_description(there.files, name), without_description(new, name)
    if mine == theirs or digest(mine) == there.record.get("digest"):
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
    for commit in (None, str(record.get("templates"))):
        try:
            with checked_out(repository, commit) as folder:
                files = without_description(again(folder), name)
        except (CaptureError, git.GitError):
            continue
        if digest(files) == record.get("digest"):
            return files
    return None


@contextmanager
def checked_out(repository: Path, commit: str | None) -> Iterator[Path]:
    """Yield the repository itself, or a clone of it at a commit."""
    if commit is None:
        yield repository
        return
    with TemporaryDirectory(prefix="capture-") as folder:
        clone = Path(folder) / "templates"
        git.run(repository, "clone", "--quiet", "--shared", "--no-checkout", ".", str(clone))
        git.run(clone, "checkout", "--quiet", commit, "--")
        yield clone


def merge(base: Tree, ours: Tree, theirs: Tree) -> tuple[dict[str, File], list[str]]:
    """Merge what two sides have made of a tree.

    Returns:
        The merged tree, and where the two clash, a line for each file. It is of use only if
        nothing clashes.

    """
    result: dict[str, File] = {}
    clashes = []
    for name in sorted(base.keys() | ours.keys() | theirs.keys()):
        old, mine, new = base.get(name), ours.get(name), theirs.get(name)
        if mine == new or new == old:
            file = mine
        elif mine == old:
            file = new
        elif mine is None or new is None:
            clashes.append(
                f"{name}: removed by hand, and changed by the new capture"
                if mine is None
                else f"{name}: edited by hand, and the new capture has no such file"
            )
            continue
        elif (file := merge_file(old, mine, new)) is None:
            clashes.append(f"{name}: edited by hand where the new capture changes it too")
        if file is not None:
            result[name] = file
    return result, clashes


def merge_file(old: File | None, mine: File, new: File) -> File | None:
    """Return what `git merge-file` makes of a file; None if the sides clash or it is not text."""
    if old is None or any(file.text is None for file in (old, mine, new)):
        return None
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("mine", "old", "new")]
        for path, file in zip(paths, (mine, old, new), strict=True):
            path.write_bytes(file.content)
        command = ["git", "merge-file", "--stdout", *map(str, paths)]
        result = subprocess.run(command, capture_output=True)
    executable = new.executable if mine.executable == old.executable else mine.executable
    return (
        None if result.returncode else replace(mine, content=result.stdout, executable=executable)
    )
