"""Projects in the hands of owners, and templates that inherit from their parents."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from extensions.capture import Capture, capture
from extensions.model import File, Tree
from extensions.project import Project
from extensions.recipe import Recipe
from extensions.record import assemble, renderable
from extensions.rendering import Rendering, render
from extensions.runtime import runtime_answer
from extensions.trees import write_tree

# Nowhere else in the templates.
NAME = "Zebra-Crossing"

Answers = Mapping[str, Any]


def make_project(repository: Path, template: str, **answers: Any) -> tuple[Rendering, Answers]:
    """Return a project, and what its answers file has."""
    made = render(repository, {"project_name": NAME, "template": template, **answers})
    asked = {name: made.answers[name] for name in made.asked}
    return made, asked | runtime_answer(made.files)


def edited(tree: Tree, path: str, change: Callable[[str], str]) -> dict[str, File]:
    """Return a project in which a file is another one."""
    file = tree[path]
    text = change(file.content.decode())
    assert text != file.content.decode(), f"{path} is as it was"
    return {**tree, path: File(text.encode(), file.executable)}


def heir(
    repository: Path, project: Tree, answers: Answers, *fix: str, name: str = "heir"
) -> Capture:
    """Return a template of a project."""
    read = Project(Path("/nowhere"), "0" * 40, project, dict(answers))
    return capture(read, name, Recipe(fix=fix), repository)


def render_heir(folder: Path, repository: Path, made: Capture, answers: Answers) -> Rendering:
    """Write a template beside copies of all others, and render it."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(repository / "templates", folder / "templates", symlinks=True)
    shutil.copy2(repository / "copier.yml", folder)
    write_tree(folder, renderable(assemble(made, repository)))
    return render(folder, {**answers, "template": made.name})
