"""A repository of the templates to make commits in, and the real `copier` command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import copier

from tests.project import ROOT, Project

COPIER = [sys.executable, "-m", "copier"]

# A developer's own settings must not change the result.
GIT = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
GIT += ["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false", "-c", "core.autocrlf=false"]


@dataclass
class Repository:
    """A git repository: one of the templates, or a project in the hands of its owner."""

    path: Path

    def git(self, *arguments: str) -> str:
        """Run git, and return what it prints."""
        command = [*GIT, *arguments]
        return subprocess.run(
            command, cwd=self.path, check=True, stdout=subprocess.PIPE, text=True, timeout=300
        ).stdout

    def commit(self, tag: str | None = None) -> None:
        """Commit all that is there, as a release when it gets a tag."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        if tag:
            self.git("tag", tag)

    def clone(self, path: Path, *options: str) -> Repository:
        """Return a repository with the same history."""
        self.git(*options, "clone", "--quiet", str(self.path), str(path))
        return Repository(path)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a text that a file holds exactly once."""
        text = (self.path / name).read_text("utf-8")
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        (self.path / name).write_text(text.replace(old, new), "utf-8")


def own(path: Path) -> Repository:
    """Put a folder under version control, as the owner of a new project does."""
    repository = Repository(path)
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.commit()
    return repository


def copy_templates(path: Path) -> Repository:
    """Commit what this working tree holds, a developer's changes too, as a repository."""
    for name in repository_files():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    return own(path)


def repository_files() -> list[str]:
    """Return the paths of the files of this repository, those too that wait to be added."""
    listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = Repository(ROOT).git(*listing).split("\0")[:-1]
    return sorted({name for name in names if os.path.lexists(ROOT / name)})


def make(templates: Repository, path: Path, **answers: str) -> Project:
    """Make a project from a repository of templates; from its newest release if it has one."""
    return make_at(templates, path, None if templates.git("tag") else "HEAD", **answers)


def make_at(templates: Repository, path: Path, version: str | None, **answers: str) -> Project:
    """Make a project from a version of the templates; None is the newest release."""
    copier.run_copy(
        str(templates.path),
        path,
        data=answers,
        defaults=True,
        quiet=True,
        vcs_ref=version,
        unsafe=False,
    )
    return Project(path)


def run_copier(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `copier` with no one to answer it, and return its exit code and output."""
    return subprocess.run(
        [*COPIER, *arguments],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
