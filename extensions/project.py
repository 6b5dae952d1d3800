"""Reads a project: the files that git tracks, byte for byte, and the answers they came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from extensions import git
from extensions.model import CaptureError, File, Tree
from extensions.refusals import ANSWERS, Refusal, is_allowed, refusals, refuse
from extensions.runtime import without_wheel


@dataclass(frozen=True)
class Project:
    """A project, as a commit has it.

    Attributes:
        root: Its folder; in a monorepo that is a part of the repository.
        commit: The commit.
        files: What git tracks there, but for the answers file and the wheel of the runtime.
        answers: All that the answers file says, `_commit` and `_src_path` too; empty if there
            is none.

    """

    root: Path
    commit: str
    files: Tree
    answers: dict[str, Any]

    @property
    def template(self) -> str | None:
        """The template that it was made from, if any."""
        template = self.answers.get("template")
        return None if template is None else str(template)


def read(path: Path, ref: str | None = None, allowed: Sequence[str] = ()) -> Project:
    """Read a project from its git repository.

    Raises:
        CaptureError: With one list of all that is in the way, and remedies.

    """
    root = path.resolve()
    prefix = _prefix(root)
    commit = _commit(root, ref)
    try:
        entries = git.entries(root, commit, prefix)
    except git.GitError:
        entries = []
    if not entries:
        raise CaptureError(
            f"{root} has no file in git at {commit[:12]}. Commit the project:"
            " git add --all && git commit"
        )
    files = _files(root, entries)
    _refuse_mldock(root, files)
    found = [] if ref else [*_changes(root, prefix), *_converted(root, files, allowed)]
    found += refusals(files, [entry.path for entry in entries if entry.path not in files], allowed)
    refuse(found)
    answers = _answers(root, files.pop(ANSWERS).content) if ANSWERS in files else {}
    return Project(root, commit, without_wheel(files), answers)


def _refuse_mldock(root: Path, files: Tree) -> None:
    """Refuse a project of mldock: its layout is like ours, and nothing in it works here."""
    settings = next((name for name in ("mldock.yaml", "mldock.yml") if name in files), None)
    if settings is None and b'"mldock_module_dir"' in files.get("mldock.json", File()).content:
        settings = "mldock.json"
    if settings and ANSWERS not in files:
        raise CaptureError(
            f"{root} is a project of mldock ({settings}), which has no template to go back to: make"
            " a project with copier copy, and move trainer and handler over"
            " (docs/coming-from-mldock.md)."
        )


def _prefix(root: Path) -> str:
    """Return the folder's path from the root of its repository."""
    if not root.is_dir():
        raise CaptureError(f"{root} is not a folder. Name the folder of a project.")
    try:
        inside = git.run(root, "rev-parse", "--is-inside-work-tree") == b"true\n"
    except git.GitError as error:
        # Git names the remedy itself where it does not trust the folder's owner.
        raise CaptureError(
            f"{root} is not in a git repository that can be read: {error}\n"
            "A capture takes what git tracks. Begin one in the project:"
            " git init && git add --all && git commit"
        ) from None
    if not inside:
        raise CaptureError(f"{root} is not a work tree of git. Name the folder of a clone.")
    return git.text_of(git.run(root, "rev-parse", "--show-prefix"))[:-1].rstrip("/")


def _commit(root: Path, ref: str | None) -> str:
    """Return the full name of a commit."""
    wanted = f"{ref or 'HEAD'}^{{commit}}"
    try:
        answer = git.run(root, "rev-parse", "--verify", "--end-of-options", wanted)
    except git.GitError:
        if ref:
            raise CaptureError(
                f"The repository of {root} has no commit {ref}. Fetch it:"
                " git fetch --tags (and --unshallow if the clone is shallow)"
            ) from None
        raise CaptureError(
            f"The repository of {root} has no commit yet. Make one: git add --all && git commit"
        ) from None
    # With --end-of-options, older versions of git print that too.
    return answer.decode("ascii").split()[-1]


def _files(root: Path, entries: Iterable[git.Entry]) -> dict[str, File]:
    try:
        return git.files(root, entries)
    except git.GitError as error:
        raise CaptureError(
            f"The repository of {root} is incomplete: {error}. Fetch all of it: git fetch --refetch"
        ) from None


def _changes(root: Path, prefix: str) -> list[Refusal]:
    """Return what is not committed."""
    return [
        Refusal(path, "not tracked by git, and not ignored", "Commit it, or name it in .gitignore.")
        if state == "??"
        else Refusal(
            path,
            "changed since the last commit",
            "Commit the changes, or put them aside: git stash",
        )
        for state, path in git.changes(root, prefix)
    ]


def _converted(root: Path, files: Tree, allowed: Sequence[str]) -> list[Refusal]:
    """Return the files that .gitattributes makes others on disk than in the commit.

    What `core.autocrlf` does is no refusal: it is this machine's setting, not the project's.
    """
    differing = [path for path, file in files.items() if _differs(root, path, file)]
    names = ("eol", "filter", "ident", "working-tree-encoding")
    set_for = git.attributes(root, differing, *names) if differing else {}
    found = []
    for path, values in set_for.items():
        if values.get("eol") == "lf":
            # A checkout gives what the commit holds; only this one is older than the attribute.
            del values["eol"]
        if values and not is_allowed(path, allowed):
            reason = ", ".join(f"{name}={value}" for name, value in values.items())
            found.append(
                Refusal(
                    path,
                    f"other bytes on disk than in the commit, as .gitattributes has {reason}",
                    "Mark it `-text -filter -ident` and commit it as it is meant to be; or --allow"
                    " it, and the template gives what the commit holds.",
                )
            )
    return found


def _differs(root: Path, path: str, file: File) -> bool:
    """Return whether the work tree has other bytes; what it leaves out does not differ."""
    if file.link is not None:
        return False
    try:
        return (root / path).read_bytes() != file.content
    except OSError:
        return False


def _answers(root: Path, content: bytes) -> dict[str, Any]:
    """Return the answers that the project was made with."""
    try:
        answers = yaml.safe_load(content.decode("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise CaptureError(
            f"{root / ANSWERS} cannot be read: {error}\nBring back what Copier wrote:"
            f" git log -- {ANSWERS}"
        ) from None
    if not isinstance(answers, dict):
        raise CaptureError(f"{root / ANSWERS} does not hold answers. Bring back what Copier wrote.")
    return answers
