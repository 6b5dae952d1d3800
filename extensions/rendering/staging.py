"""A copy of the repository in which a template is tried before it is written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from extensions.model import Tree
from extensions.rendering.trees import scratch, write_tree


@contextmanager
def staged(repository: Path, template: str, parent: str | None, files: Tree) -> Iterator[Path]:
    """Yield a folder with what renders a template, for as long as it is needed.

    Args:
        repository: Where the templates lie.
        template: The new template; nothing that it has there is copied.
        parent: The template that it includes sources of.
        files: The files that the capture writes, by path in the repository.

    """
    with scratch() as folder:
        root = folder / "templates"
        source = repository / "templates"
        shutil.copy2(repository / "copier.yml", folder)
        root.mkdir()
        for path in needed(source, template, parent):
            if path.is_dir():
                no_caches = shutil.ignore_patterns("__pycache__", "*.pyc")
                shutil.copytree(path, root / path.name, symlinks=True, ignore=no_caches)
            else:
                shutil.copy2(path, root)
        (root / "_questions" / f"{template}.yml").unlink(missing_ok=True)
        write_tree(folder, files)
        yield folder


def needed(templates: Path, template: str, parent: str | None) -> Iterator[Path]:
    """Yield what is shared, and each template but the captured ones that nothing comes from."""
    captured = parents(templates)
    kept = captured_ancestors(templates, parent)
    for path in sorted(templates.iterdir()):
        name = path.stem if path.suffix == ".yml" else path.name
        is_part = path.is_dir() or path.suffix == ".yml"
        is_needed = path.is_file() or name not in captured or name in kept
        if is_part and is_needed and name != template:
            yield path


def parents(templates: Path) -> dict[str, str | None]:
    """Return the parent of each captured template; a project of nobody's has none."""
    found: dict[str, str | None] = {}
    for path in templates.glob("*.yml"):
        record = yaml.safe_load(path.read_text("utf-8")).get("captured")
        if record:
            found[path.stem] = record.get("parent")
    return found


def captured_ancestors(templates: Path, parent: str | None) -> list[str]:
    """Return the captured templates that a template comes from, the nearest first."""
    captured = parents(templates)
    found: list[str] = []
    while parent in captured and parent not in found:
        found.append(parent)
        parent = captured[parent]
    return found
