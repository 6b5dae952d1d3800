"""Projects in the hands of owners, and templates made of what they inherit."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from extensions.inheriting.parent import Inheritance, inherit
from extensions.model import File, Tree
from extensions.rendering.render import Rendering, render
from extensions.rendering.trees import write_tree

# Nowhere else in the templates.
NAME = "Zebra-Crossing"
IMAGE = "zebra-crossing"

Answers = Mapping[str, Any]


def reverse(_: str, text: str) -> str:
    """Make a source of a text; simpler than what the capture does, and enough here."""
    escaped = re.sub(r"\{(?=[{%#])", "{{ '{' }}", text).replace("\r", r"{{ '\r' }}")
    return escaped.replace(NAME, "{{ project_name }}").replace(IMAGE, "{{ image_name }}")


def make_project(repository: Path, template: str, **answers: Any) -> tuple[Rendering, Answers]:
    """Return a project, and what its answers file has."""
    made = render(repository, {"project_name": NAME, "template": template, **answers})
    return made, {name: made.answers[name] for name in made.asked}


def edited(tree: Tree, path: str, change: Callable[[str], str]) -> dict[str, File]:
    """Return a project in which a file is another one."""
    file = tree[path]
    text = change(file.content.decode())
    assert text != file.content.decode(), f"{path} is as it was"
    return {**tree, path: File(text.encode(), file.executable)}


def replaced(tree: Tree, path: str, old: str, new: str) -> dict[str, File]:
    """Return a project in which a text, which a file has once, is another one."""
    assert tree[path].content.decode().count(old) == 1, f"{old!r} is not once in {path}"
    return edited(tree, path, lambda text: text.replace(old, new))


def heir(repository: Path, project: Tree, answers: Answers, *fix: str) -> Inheritance:
    """Return what a project inherits."""
    return inherit(project, answers, repository, reverse, fix)


def render_heir(
    folder: Path,
    repository: Path,
    project: Tree,
    found: Inheritance,
    answers: Answers,
    name: str = "heir",
) -> Rendering:
    """Render a template of what is inherited and of the owner's own files.

    Args:
        folder: Where to.
        repository: The parent's repository.
        project: The project.
        found: What it inherits.
        answers: Answers for the new template.
        name: What it is called.

    """
    shutil.copytree(repository / "templates", folder / "templates", symlinks=True)
    shutil.copy2(repository / "copier.yml", folder)
    own = {
        f"{path}.jinja": File(reverse(path, text).encode(), file.executable)
        for path, file in project.items()
        if path not in found.covered and (text := file.text) is not None
    }
    stub = repository / "templates" / "generic" / "{{ _copier_conf.answers_file }}.jinja"
    own |= {stub.name: File(stub.read_bytes())}
    files = {f"templates/{name}/{path}": file for path, file in {**own, **found.sources}.items()}
    facts: dict[str, Any] = {"name": name, "title": "Heir", "predicts": "Nothing."}
    facts |= {"family": found.family, "fixed": found.fixed}
    files[f"templates/{name}.yml"] = File(yaml.safe_dump(facts).encode())
    write_tree(folder, files)
    return render(folder, {**answers, "template": name})
