"""Asks git what a project tracks; nothing here writes to a repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from extensions.model import CaptureError

# Set while git runs a hook, they would lead to the hook's repository.
_OF_A_HOOK = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
}


class GitError(Exception):
    """Git said no; the message is its own."""


@dataclass(frozen=True)
class Entry:
    """What git tracks under a name: a file, a symbolic link or the commit of a submodule."""

    path: str
    mode: str
    object: str

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file."""
        return self.mode in ("100644", "100755")

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return self.mode == "120000"


def run(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Return what a git command prints.

    Args:
        folder: Where it runs.
        arguments: The command and its options.
        given: What it reads from its input.

    Raises:
        GitError: If it fails.
        CaptureError: If there is no git.

    """
    environment = {key: value for key, value in os.environ.items() if key not in _OF_A_HOOK}
    # Without optional locks `git status` leaves the index as it is.
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        result = subprocess.run(
            ["git", *arguments], cwd=folder, input=given, capture_output=True, env=environment
        )
    except FileNotFoundError:
        raise CaptureError("git is not installed, or not on the PATH; install it.") from None
    if result.returncode:
        raise GitError(result.stderr.decode("utf-8", "replace").strip())
    return result.stdout


def text_of(name: bytes) -> str:
    """Return a path as text; bytes that are no UTF-8 come back from `bytes_of`."""
    return name.decode("utf-8", "surrogateescape")


def bytes_of(path: str) -> bytes:
    """Return a path as git and the file system have it."""
    return path.encode("utf-8", "surrogateescape")


def entries(folder: Path, commit: str, prefix: str) -> list[Entry]:
    """Return what a commit tracks below a folder, with paths relative to that folder.

    Args:
        folder: Any folder of the repository.
        commit: The commit.
        prefix: The folder, from the root of the repository; empty for the root.

    """
    listing = run(folder, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{prefix}")
    found = []
    for line in listing.split(b"\0")[:-1]:
        properties, name = line.split(b"\t", 1)
        mode, _, identity = properties.decode("ascii").split(" ")
        found.append(Entry(text_of(name), mode, identity))
    return found


def contents(folder: Path, objects: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of many objects, through one process.

    Raises:
        GitError: If the repository lacks one of them.

    """
    names = list(dict.fromkeys(objects))
    given = "".join(f"{name}\n" for name in names).encode("ascii")
    answer = run(folder, "cat-file", "--batch", "--buffer", given=given)
    found = {}
    position = 0
    for name in names:
        start = answer.index(b"\n", position) + 1
        properties = answer[position:start].split()
        if properties[-1] == b"missing":
            raise GitError(f"the object {name} is missing")
        position = start + int(properties[-1])
        found[name] = answer[start:position]
        position += 1
    return found


def changes(folder: Path, prefix: str) -> list[tuple[str, str]]:
    """Return what differs from the last commit below a folder: the state, and its path."""
    # A change inside a submodule is no matter: submodules are refused as a whole.
    options = ["--porcelain=v1", "-z", "--untracked-files=all", "--ignore-submodules=all"]
    listing = text_of(run(folder, "status", *options, "--no-renames", "--", "."))
    lines = listing.split("\0")[:-1]
    return [(line[:2], line[3:].removeprefix(f"{prefix}/" if prefix else "")) for line in lines]


def attributes(folder: Path, paths: Sequence[str], *names: str) -> dict[str, dict[str, str]]:
    """Return those of the named attributes that are set, by path."""
    given = b"".join(bytes_of(path) + b"\0" for path in paths)
    words = text_of(run(folder, "check-attr", "-z", "--stdin", *names, given=given)).split("\0")
    found: dict[str, dict[str, str]] = {}
    for path, name, value in zip(words[0::3], words[1::3], words[2::3], strict=False):
        if value not in ("unspecified", "unset"):
            found.setdefault(path, {})[name] = value
    return found


def is_commit(folder: Path, name: str) -> bool:
    """Return whether a repository has a commit."""
    if not name or name.startswith("-") or not (folder / ".git").exists():
        return False
    try:
        run(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except GitError:
        return False
    return True
