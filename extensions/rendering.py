"""Renders the templates through Copier, as `copier copy --defaults` does, with no --trust."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import copier
import yaml
from copier.errors import InteractiveSessionError
from jinja2 import TemplateSyntaxError
from plumbum import local

from extensions import git
from extensions.model import CaptureError, File, Tree
from extensions.runtime import QUESTION
from extensions.trees import read_tree, write_tree

ANSWERS = ".copier-answers.yml"
# What Copier reads of a repository.
PARTS = ("copier.yml", "templates")


@dataclass(frozen=True)
class Rendering:
    """A project as Copier makes it.

    Attributes:
        files: Its files, without the answers file at its root.
        answers: All answers, those too that are derived and never asked.
        asked: The names of those that the answers file has.

    """

    files: Tree
    answers: dict[str, Any]
    asked: frozenset[str]


def render(repository: Path, answers: Mapping[str, Any], ref: str | None = None) -> Rendering:
    """Make a project.

    Args:
        repository: Where the templates are: a repository of git, or a plain folder.
        answers: Answers; for what is missing the defaults are taken.
        ref: A commit of the repository; without one, what is there now.

    Raises:
        CaptureError: If Copier cannot, with the file that it could not render.

    """
    data = {name: value for name, value in answers.items() if not name.startswith("_")}
    with exported(repository, ref) as templates, TemporaryDirectory() as folder:
        # Without a name, a project is called as its folder.
        project = Path(folder) / "project"
        found = copy(templates, project, data)
        files = read_tree(project)
    recorded = yaml.safe_load(files.pop(ANSWERS, File()).content) or {}
    asked = frozenset(name for name in recorded if name[:1] != "_" and name != QUESTION)
    return Rendering(files, found, asked)


def copy(templates: Path, project: Path, data: dict[str, Any]) -> dict[str, Any]:
    """Let Copier make a project from a plain folder, and return its answers."""
    failure = ""
    with nobody_there(), without_git(), warnings.catch_warnings():
        # When Copier fails, it leaves a folder half read.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            # The user's own settings must not change the result.
            worker = copier.run_copy(
                str(templates),
                project,
                data=data,
                defaults=True,
                quiet=True,
                unsafe=False,
                settings=copier.Settings(),
            )
        except Exception as error:
            failure = reason(error, templates)
    if failure:
        raise CaptureError(failure)
    answers = worker.answers.combined
    # Copier adds functions of its own.
    return {
        name: value
        for name, value in answers.items()
        if not name.startswith("_") and not callable(value)
    }


def reason(error: Exception, templates: Path) -> str:
    """Return why Copier failed, and at which file."""
    if isinstance(error, InteractiveSessionError):
        return "Two sources of the template become the same file of a project; rename one."
    text = str(error).strip() or type(error).__name__
    return f"Copier cannot render {place_of(error, templates.resolve())}: {text}"


def place_of(error: Exception, templates: Path) -> str:
    """Return the file of the templates, with its line, that an error comes from."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, TemplateSyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    for name, line in reversed(places):
        if Path(name).is_relative_to(templates):
            return f"{Path(name).relative_to(templates).as_posix()}:{line}"
    if isinstance(error, UnicodeDecodeError):
        for path in sorted(templates.rglob("*.jinja")):
            if path.is_file() and File(path.read_bytes()).text is None:
                return f"{path.relative_to(templates).as_posix()}, which is not UTF-8 text"
    return "the template"


@contextmanager
def without_git() -> Iterator[None]:
    """Let Copier find no git.

    Before a project is under version control, git has nothing to say about it; but Copier would
    start it for each file that it writes, which takes longer than all else.
    """
    with TemporaryDirectory(prefix="no-git-") as empty, local.env(PATH=empty):
        yield


@contextmanager
def nobody_there() -> Iterator[None]:
    """Let Copier fail where it would ask, on a terminal too."""
    terminal = sys.stdin
    with Path(os.devnull).open() as nothing:
        sys.stdin = nothing
        try:
            yield
        finally:
            sys.stdin = terminal


@contextmanager
def exported(repository: Path, ref: str | None = None) -> Iterator[Path]:
    """Yield a folder with the templates that git knows, or a plain folder as it is.

    What git ignores, such as a cache in a folder of a template, is in no project.
    """
    if ref is None and not (repository / ".git").exists():
        yield repository
        return
    with TemporaryDirectory(prefix="capture-") as name:
        folder = Path(name)
        if ref is None:
            copy_working_tree(repository, folder)
        else:
            write_tree(folder, committed(repository, ref))
        yield folder


@contextmanager
def staged(repository: Path, template: str, files: Tree) -> Iterator[Path]:
    """Yield a copy of the templates in which one is tried before it is written."""
    with TemporaryDirectory(prefix="capture-") as name:
        folder = Path(name)
        with exported(repository) as templates:
            for part in PARTS:
                source = templates / part
                if source.is_dir():
                    shutil.copytree(source, folder / part, symlinks=True)
                else:
                    shutil.copy2(source, folder)
        shutil.rmtree(folder / "templates" / template, ignore_errors=True)
        for own in (f"{template}.yml", f"_questions/{template}.yml"):
            (folder / "templates" / own).unlink(missing_ok=True)
        write_tree(folder, files)
        yield folder


def copy_working_tree(repository: Path, folder: Path) -> None:
    """Copy the files that git tracks or would track, as they are now."""
    options = ["-z", "--cached", "--others", "--exclude-standard", "--", *PARTS]
    for name in git.text_of(git.run(repository, "ls-files", *options)).split("\0")[:-1]:
        if os.path.lexists(repository / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, folder / name, follow_symlinks=False)


def committed(repository: Path, ref: str) -> Tree:
    """Return the templates of a commit."""
    try:
        entries = git.entries(repository, ref, "")
        return git.files(repository, [one for one in entries if one.path.split("/")[0] in PARTS])
    except git.GitError as error:
        raise CaptureError(f"{ref} is not a commit of {repository}: {error}") from error


def captured_ancestors(templates: Path, name: str | None) -> list[str]:
    """Return the captured templates that a template comes from, itself first if it is one."""
    found: list[str] = []
    while name and name not in found and (path := templates / f"{name}.yml").is_file():
        record = yaml.safe_load(path.read_text("utf-8")).get("captured")
        if not record:
            break
        found.append(name)
        name = record.get("parent")
    return found
