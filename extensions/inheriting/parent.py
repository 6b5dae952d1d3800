"""What a project has from the template it was made from, and keeps in a template of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extensions.inheriting.heritage import Heritage
from extensions.inheriting.links import Manner
from extensions.inheriting.sources import Parent
from extensions.model import CaptureError, File, Tree
from extensions.reading import git
from extensions.rendering.exporting import exported
from extensions.rendering.render import render

# The family of a project whose template is not in this repository.
GENERIC = "generic"


@dataclass
class Inheritance:
    """What a template has from the parent of its project.

    Attributes:
        parent: The parent's name; empty if it is not in this repository.
        sources: By path in the template's folder; without that of the answers file.
        covered: How each inherited file of the project is kept. What is not there is the owner's.
        fixed: The answers that the template does not ask for.
        family: The template of this repository that the parent goes back to.
        deleted: The files of the parent that the project has not.
        notes: What a report says.

    """

    parent: str = ""
    sources: dict[str, File] = field(default_factory=dict)
    covered: dict[str, Manner] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)
    family: str = GENERIC
    deleted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def inherit(
    project_files: Tree,
    answers: Mapping[str, Any],
    repository: Path,
    reverse: Callable[[str, str], str],
    fix: Sequence[str] = (),
) -> Inheritance:
    """Return what a project has from its parent.

    Args:
        project_files: The project; its answers file is no matter.
        answers: What the answers file has.
        repository: Where the templates lie.
        reverse: Makes a source of a file's text, whose path comes first: values become variables,
            and what Jinja would read is escaped.
        fix: The choices that the template shall not ask for.

    Raises:
        CaptureError: If the project is behind its parent, or a choice cannot be fixed.

    """
    name = str(answers.get("template") or "")
    with exported(repository) as templates:
        if not name or not (templates / "templates" / name).is_dir():
            unknown = f"Its template {name!r} is not in this repository, so nothing is inherited."
            return Inheritance(notes=[unknown])
        rendering = render(templates, answers)
        note = is_behind(repository, answers, rendering.files)
        heritage = Heritage(Parent(templates, name, rendering), project_files, reverse)
        fixed = heritage.fix(rendering, fix)
    return Inheritance(
        parent=name,
        sources=heritage.sources,
        covered=heritage.covered,
        fixed=fixed,
        family=str(rendering.answers.get("family", name)),
        deleted=sorted(heritage.deleted),
        notes=[note] if note else [],
    )


def is_behind(repository: Path, answers: Mapping[str, Any], present: Tree) -> str | None:
    """Refuse a project that was made from other sources than there are now.

    Args:
        repository: Where the templates lie.
        answers: What the project's answers file has.
        present: What these answers give now.

    Returns:
        What a report says, if it cannot be known.

    Raises:
        CaptureError: If they gave something else then.

    """
    commit = str(answers.get("_commit") or "")
    compared = "it is compared with the templates as they are now."
    if not is_commit(repository, commit):
        return (
            f"The project was made from {commit or 'no commit'}, which is unknown here: {compared}"
        )
    try:
        before = render(repository, answers, commit).files
    except CaptureError as error:
        return f"The project was made from {commit}, which fails now ({error}): {compared}"
    count = sum(before.get(path) != present.get(path) for path in before.keys() | present.keys())
    if count:
        raise CaptureError(
            f"The project is behind its template, which makes {count} of its files otherwise "
            f"since {commit}. In the project, run `copier update` first, and commit."
        )
    return None


def is_commit(repository: Path, name: str) -> bool:
    """Say whether a repository has a commit."""
    if not name or name.startswith("-") or not (repository / ".git").exists():
        return False
    try:
        git.run(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except git.GitError:
        return False
    return True
