"""The versions of the templates that projects are updated from, and the present one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.generate.repository import Repository, copy_templates, repository_files
from tests.project import ROOT, TEMPLATES

# The present state of the working tree, as the next release.
PRESENT = "v1000000.0.0"

# How many commits stand for the history as long as there is no release.
SPREAD = 2

# The earlier version where the history is not there to take one from, and what it had otherwise.
EARLIER = {
    "templates/_shared/tools/stop.py": ('"Nothing was running."', '"There was nothing to stop."'),
    "templates/_shared/src/container/Dockerfile.jinja": ("EXPOSE 8080\n", "EXPOSE 80\n"),
    "templates/_shared/project/README.md.jinja": ("## Start\n", "## Begin\n"),
}


@dataclass(frozen=True)
class Release:
    """A version: its tag, or its commit, and the templates that it has."""

    name: str
    templates: tuple[str, ...]


INVENTED = Release("v0.0.1", tuple(TEMPLATES))


def releases(repository: Repository) -> list[Release]:
    """Return all releases or, where there is none, some commits from the first to the last but one.

    A clone without its history has none of them: the list is empty.
    """
    names = repository.git("tag", "--list", "v*", "--sort=version:refname").split()
    if PRESENT in names:
        names.remove(PRESENT)
    names = names or spread(commits(repository), SPREAD)
    return [Release(name, templates_at(repository, name)) for name in names]


def commits(repository: Repository) -> list[str]:
    """Return the commits that have changed the templates, from the first to the last but one."""
    if repository.git("rev-parse", "--is-shallow-repository").strip() == "true":
        return []
    log = ["log", "--first-parent", "--reverse", "--format=%h", "HEAD", "--"]
    return repository.git(*log, "copier.yml", "templates").split()[:-1]


def spread(names: list[str], number: int) -> list[str]:
    """Return that many of the names, the first and the last among them, evenly apart."""
    if len(names) <= number:
        return names
    return [names[index * (len(names) - 1) // (number - 1)] for index in range(number)]


def templates_at(repository: Repository, name: str) -> tuple[str, ...]:
    """Return the templates that a version has."""
    files = repository.git("ls-tree", "--name-only", name, "templates/").split()
    return tuple(sorted(Path(file).stem for file in files if file.endswith(".yml")))


def history(path: Path) -> Repository:
    """Return a clone of this repository whose newest release is the working tree as it is now."""
    clone = Repository(ROOT).clone(path)
    if releases(clone):
        replace_files(clone.path)
        release_present(clone)
        return clone
    shutil.rmtree(path)
    return invented(path)


def invented(path: Path) -> Repository:
    """Return a repository with an earlier release that is made up, and the present one."""
    repository = copy_templates(path)
    for name, (new, old) in EARLIER.items():
        repository.replace(name, new, old)
    repository.commit(tag=INVENTED.name)
    for name, (new, old) in EARLIER.items():
        repository.replace(name, old, new)
    release_present(repository)
    return repository


def release_present(repository: Repository) -> None:
    """Commit what is there and tag it."""
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "present")
    repository.git("tag", PRESENT)


def replace_files(path: Path) -> None:
    """Replace the files of a clone by those of the working tree."""
    for entry in path.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in repository_files():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
