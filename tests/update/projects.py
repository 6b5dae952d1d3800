"""Projects of an earlier version, and their update."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import yaml

from tests.generate.repository import Repository, make_at, own
from tests.update import owner
from tests.update.merging import ANSWERS, tree
from tests.update.releases import PRESENT


@dataclass(frozen=True)
class Updated:
    """A project that was updated as it was, and a copy that its owner had edited before."""

    untouched: Repository
    edited: Repository
    fresh: Path
    mine: dict[str, bytes]
    old: dict[str, bytes]


def make_and_update(templates: Repository, folder: Path, template: str, version: str) -> Updated:
    """Make a project, update it as it is, and a copy of it after its owner has edited it."""
    # The Python of these tests, so that the sessions of the project find it.
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    answers: dict[str, Any] = {"template": template, "python_version": python}
    untouched = own(make_at(templates, folder / "untouched/model", version, **answers).path)
    old = tree(untouched.path)
    answers = {
        name: answer for name, answer in answers_of(untouched.path).items() if name[0] != "_"
    }
    edited = Repository(folder / "edited/model")
    shutil.copytree(untouched.path, edited.path)
    owner.edit(edited.path)
    edited.commit()
    mine = tree(edited.path)
    for project in (untouched, edited):
        update(project)
    fresh = make_at(templates, folder / "fresh/model", PRESENT, **answers).path
    return Updated(untouched, edited, fresh, mine, old)


def update(project: Repository, **data: str) -> None:
    """Update a project as `copier update --defaults` does."""
    copier.run_update(
        project.path, data=data, defaults=True, overwrite=True, quiet=True, unsafe=False
    )


def answers_of(project: Path) -> dict[str, Any]:
    """Return the answers that a project keeps."""
    answers: dict[str, Any] = yaml.safe_load((project / ANSWERS).read_text("utf-8"))
    return answers


def unmerged(project: Repository) -> list[str]:
    """Return the files that git knows as not merged."""
    return sorted(project.git("diff", "--name-only", "--diff-filter=U", "-z").split("\0")[:-1])
