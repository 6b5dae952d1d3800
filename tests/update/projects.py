"""Projects of an earlier version, and their update."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import copier
import yaml

from tests.generate.repository import Repository, make_at, own
from tests.update import owner
from tests.update.merging import ANSWERS, tree
from tests.update.releases import PRESENT

# A template, and the version that the project was made from.
Case = tuple[str, str]


@dataclass(frozen=True)
class Update:
    """A project after its update, and the versions that it was merged from."""

    project: Repository
    fresh: Path
    mine: dict[str, bytes]
    old: dict[str, bytes]
    new: dict[str, bytes]


@dataclass(frozen=True)
class Updates:
    """The updates of all cases, which go on in processes of their own; each is made once."""

    pool: ProcessPoolExecutor
    templates: Repository
    folder: Path
    begun: dict[Case, Future[tuple[Update, Update]]]

    def untouched(self, *case: str) -> Update:
        """Return the update of a project that its owner has left alone."""
        return self.of(*case)[0]

    def edited(self, *case: str) -> Update:
        """Return the update of one that they have edited."""
        return self.of(*case)[1]

    def of(self, template: str, version: str) -> tuple[Update, Update]:
        """Return both."""
        self.begin((template, version))
        return self.begun[template, version].result()

    def begin(self, case: Case) -> None:
        """Begin a case, unless that has been done."""
        if case not in self.begun:
            folder = self.folder / "-".join(case)
            self.begun[case] = self.pool.submit(make_and_update, self.templates, folder, *case)


@contextmanager
def all_updates(templates: Repository, folder: Path, cases: Iterable[Case]) -> Iterator[Updates]:
    """Begin the updates of some cases, on all processors."""
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        updates = Updates(pool, templates, folder, {})
        for case in cases:
            updates.begin(case)
        yield updates


def make_and_update(
    templates: Repository, folder: Path, template: str, version: str
) -> tuple[Update, Update]:
    """Make a project, update it as it is, and again after its owner has edited it."""
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
    new = tree(fresh)
    return Update(untouched, fresh, old, old, new), Update(edited, fresh, mine, old, new)


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
