"""The project's git: whether `copier update` would begin, and what an earlier one has left."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.doctor.findings import Finding, count

# The lines that git and Copier put around two versions; one alone is no conflict.
MARKERS = [f"^{mark * 7}" for mark in "<=>"]


def check(project: Path) -> Iterator[Finding]:
    """Yield what is wrong with the repository."""
    if not shutil.which("git"):
        yield Finding("error", "There is no git command", "Install git: updates need it.")
        return
    if reason := not_a_repository(project):
        yield Finding("error", *reason)
        return
    known = tracked(project)
    if not known:
        remedy = "Commit it: git add --all && git commit; a .gitignore above it may hide it."
        yield Finding("error", "git tracks no file of this project", remedy)
        return
    unmerged, changed, untracked = status(project)
    if unmerged:
        what = f"{count(unmerged)} not merged"
        yield Finding("error", what, "Choose what stays, then git add each.", unmerged)
    if marked := tuple(sorted(set(conflicts(project)) - set(unmerged))):
        remedy = "Choose what stays, delete the marker lines, and commit."
        yield Finding("error", f"{count(marked)} left with conflict markers", remedy, marked)
    if rejected := names(project, "ls-files", "-co", "--exclude-standard", "--", "*.rej"):
        what = f"{count(rejected, 'holds', 'hold')} what could not be merged"
        yield Finding("error", what, "Put it into its file by hand, then delete it.", rejected)
    remedy = "Commit or git stash them: copier update needs a clean tree."
    if changed:
        what = f"{count(changed, 'has', 'have')} changes that are not committed"
        yield Finding("error", what, remedy, changed)
    if untracked := tuple(name for name in untracked if name not in rejected):
        remedy = "Commit, delete or .gitignore them: copier update needs a clean tree."
        yield Finding("error", f"{count(untracked)} unknown to git", remedy, untracked)


def not_a_repository(project: Path) -> tuple[str, str] | None:
    """Return what is wrong and its remedy where git does not work."""
    result = git(project, "rev-parse", "--show-toplevel")
    if not result.returncode:
        return None
    if "not a git repository" in result.stderr:
        return (
            "The project is not under git",
            "Put it there: git init && git add --all && git commit --message Start",
        )
    reason = (result.stderr.strip() or "git fails").splitlines()[0].rstrip(".")
    return reason, "Do what git says: git status"


def tracked(project: Path) -> frozenset[str]:
    """Return the files of the project that git knows; none where there is no repository."""
    return frozenset(names(project, "ls-files")) if shutil.which("git") else frozenset()


def conflicts(project: Path) -> tuple[str, ...]:
    """Return the tracked files with all three markers of a conflict."""
    patterns = [argument for marker in MARKERS for argument in ("-e", marker)]
    return names(project, "grep", "--all-match", "--files-with-matches", "-I", *patterns)


def status(project: Path) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the files that are not merged, changed and untracked, below the project alone.

    It asks as Copier does, so that both have the same answer.
    """
    prefix = git(project, "rev-parse", "--show-prefix").stdout.rstrip("\n")
    unmerged, changed, untracked = [], [], []
    for entry in names(project, "status", "--porcelain", "--no-renames", "--", "."):
        code, name = entry[:2], entry[3:].removeprefix(prefix)
        if code == "??":
            untracked.append(name)
        elif "U" in code or code in {"AA", "DD"}:
            unmerged.append(name)
        else:
            changed.append(name)
    return tuple(unmerged), tuple(changed), tuple(untracked)


def names(project: Path, command: str, *arguments: str) -> tuple[str, ...]:
    """Return the names that a command of git lists."""
    listing = git(project, command, "-z", *arguments).stdout
    return tuple(listing.split("\0")[:-1])


def git(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git, its messages in English."""
    return subprocess.run(
        ["git", *arguments],
        cwd=project,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
    )
