"""The versions of the templates that projects are updated from, and the present one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.generate.repository import Repository, copy_templates, repository_files
from tests.project import ROOT, TEMPLATES

# The present state of the working tree, as the next release.
PRESENT = "v1000000.0.0"

# The earlier version as long as there is no release, and what it had otherwise.
EARLIER = {
    "templates/_shared/tests/contract/conftest.py": ("both once", "each once"),
    "templates/_shared/src/container/Dockerfile.jinja": ("EXPOSE 8080\n", "EXPOSE 80\n"),
    "templates/_shared/project/README.md.jinja": ("## Start\n", "## Begin\n"),
}


@dataclass(frozen=True)
class Release:
    """A version: its tag, and the templates that it has."""

    name: str
    templates: tuple[str, ...]


INVENTED = Release("v0.0.1", tuple(TEMPLATES))


def releases(repository: Repository) -> list[Release]:
    """Return all releases but the present state."""
    names = repository.git("tag", "--list", "v*", "--sort=version:refname").split()
    return [Release(name, templates_at(repository, name)) for name in names if name != PRESENT]


def templates_at(repository: Repository, name: str) -> tuple[str, ...]:
    """Return the templates that a version has."""
    files = repository.git("ls-tree", "--name-only", name, "templates/").split()
    return tuple(sorted(Path(file).stem for file in files if file.endswith(".yml")))


def history(path: Path) -> Repository:
    """Return a repository whose newest release is the working tree as it is now."""
    if not releases(Repository(ROOT)):
        return invented(path)
    clone = Repository(ROOT).clone(path)
    replace_files(clone.path)
    release_present(clone)
    return clone


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
