"""Renders the templates through Copier, as `copier copy --defaults` does, with no --trust."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import yaml
from copier.errors import InteractiveSessionError
from jinja2 import TemplateSyntaxError

from extensions.model import CaptureError, File, Tree
from extensions.rendering.exporting import exported
from extensions.rendering.surroundings import constant_names, nobody_there, without_git
from extensions.rendering.trees import read_tree, scratch

ANSWERS = ".copier-answers.yml"


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
        repository: Where the templates lie: a repository of git, or a plain folder.
        answers: Answers; for what is missing the defaults are taken.
        ref: A commit of the repository; without one, what lies there now.

    Raises:
        CaptureError: If Copier cannot, with the file that it could not render.

    """
    data = {name: value for name, value in answers.items() if not name.startswith("_")}
    with (
        exported(repository, ref) as templates,
        scratch() as folder,
    ):
        # Without a name, a project is called as its folder.
        project = folder / "project"
        found = copy(templates, project, data)
        files = read_tree(project)
    recorded = yaml.safe_load(files.pop(ANSWERS, File()).content) or {}
    asked = frozenset(name for name in recorded if not name.startswith("_"))
    return Rendering(files, found, asked)


def copy(templates: Path, project: Path, data: dict[str, Any]) -> dict[str, Any]:
    """Let Copier make a project from a plain folder, and return its answers."""
    failure = ""
    with nobody_there(), without_git(), constant_names(), warnings.catch_warnings():
        # When Copier fails, it leaves a folder half read.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            # Settings of the person who runs it must not change the result.
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
                return f"{path.relative_to(templates).as_posix()}, which is no UTF-8 text"
    return "the template"
