"""Reads repositories through git; nothing here writes to one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from extensions.model import CaptureError, File

# Set while git runs a hook, they would lead to the hook's repository.
_OF_A_HOOK = """
    GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR GIT_DIR GIT_INDEX_FILE GIT_NAMESPACE
    GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_WORK_TREE
"""


class GitError(Exception):
    """Git has failed; the message is its own."""


@dataclass(frozen=True)
class Entry:
    """What git tracks under a name: a file, a symbolic link or the commit of a submodule."""

    path: str
    mode: str
    object: str


def run(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Return what a git command prints."""
    environment = {key: value for key, value in os.environ.items() if key not in _OF_A_HOOK.split()}
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
    """Return a path as text; bytes that are not UTF-8 come back from `bytes_of`."""
    return name.decode("utf-8", "surrogateescape")


def bytes_of(path: str) -> bytes:
    """Return a path as git and the file system have it."""
    return path.encode("utf-8", "surrogateescape")


def entries(folder: Path, commit: str, prefix: str) -> list[Entry]:
    """Return what a commit tracks below a folder, with paths relative to that folder."""
    listing = run(folder, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{prefix}")
    found = []
    for line in listing.split(b"\0")[:-1]:
        properties, name = line.split(b"\t", 1)
        mode, _, identity = properties.decode("ascii").split(" ")
        found.append(Entry(text_of(name), mode, identity))
    return found


def files(folder: Path, tracked: Iterable[Entry]) -> dict[str, File]:
    """Return files and links with their contents, through one process; a submodule is neither."""
    held = [entry for entry in tracked if entry.mode in ("100644", "100755", "120000")]
    given = "".join(f"{entry.object}\n" for entry in held).encode("ascii")
    answer = run(folder, "cat-file", "--batch", "--buffer", given=given)
    found = {}
    position = 0
    for entry in held:
        start = answer.index(b"\n", position) + 1
        properties = answer[position:start].split()
        if properties[-1] == b"missing":
            raise GitError(f"the object {entry.object} is missing")
        position = start + int(properties[-1]) + 1
        content = answer[start : position - 1]
        found[entry.path] = (
            File(link=text_of(content))
            if entry.mode == "120000"
            else File(content, entry.mode == "100755")
        )
    return found


def changes(folder: Path, prefix: str) -> list[tuple[str, str]]:
    """Return what differs from the last commit below a folder: the state, and its path."""
    # A change inside a submodule does not matter: submodules are refused as a whole.
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
