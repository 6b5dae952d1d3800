"""What `copier update` would lose without a word, found before it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.doctor.findings import Finding, count
from tools.doctor.template import ANSWERS, Answers

RESTORE = "After the update: git checkout HEAD -- FILE"
PUT_ASIDE = "Copy it aside, update, put it back; or git add --force FILE, and commit."
MERGED = "An update merges what you have changed."


@dataclass(frozen=True)
class File:
    """A file of the template: what it holds in the project, and what two versions make of it."""

    name: str
    mine: bytes | None
    old: bytes | None
    new: bytes | None
    tracked: bool = True

    @property
    def is_mine(self) -> bool:
        """Say whether it holds what neither version has."""
        return self.mine is not None and self.mine not in (self.old, self.new)

    @property
    def is_unmergeable(self) -> bool:
        """Say whether an update takes the new version, since the difference is no text."""
        merged = all(map(is_text, (self.mine, self.old, self.new)))
        return self.is_mine and self.tracked and self.new is not None and not merged

    @property
    def is_hidden(self) -> bool:
        """Say whether an update overwrites or deletes it, and git has no copy."""
        known = self.tracked or self.mine is None
        return not known and (self.old is not None or self.mine != self.new)

    @property
    def is_gone(self) -> bool:
        """Say whether an update deletes it, since the template no longer has it."""
        return self.is_mine and self.tracked and self.new is None

    @property
    def is_changed(self) -> bool:
        """Say whether it is no longer as the template made it."""
        return self.mine is not None and self.old is not None and self.mine != self.old

    @property
    def is_deleted(self) -> bool:
        """Say whether its owner has deleted it."""
        return self.mine is None and self.old is not None


def compare(project: Path, old: Path, new: Path, tracked: Collection[str]) -> list[File]:
    """Return the files of both versions, but for the answers: Copier writes those."""
    return [
        File(
            name,
            mine=content(project / name),
            old=content(old / name),
            new=content(new / name),
            tracked=name in tracked,
        )
        for name in sorted(files_of(old) | files_of(new))
        if name != ANSWERS
    ]


def losses(files: list[File]) -> Iterator[Finding]:
    """Yield what an update would lose."""

    def lost(why: str, remedy: str, is_lost: Callable[[File], bool]) -> Iterator[Finding]:
        if names := tuple(file.name for file in files if is_lost(file)):
            yield Finding("error", f"{count(names)} {why}", remedy, names)

    hidden = "hidden from git; an update overwrites or deletes what git does not know"
    yield from lost(hidden, PUT_ASIDE, lambda file: file.is_hidden)
    unmergeable = "yours, and binary or not UTF-8; an update takes the template's"
    yield from lost(unmergeable, RESTORE, lambda file: file.is_unmergeable)
    gone = "yours, and no longer in the template; an update deletes what it does not have"
    yield from lost(gone, RESTORE, lambda file: file.is_gone)


def drift(files: list[File]) -> Iterator[Finding]:
    """Yield which files are no longer as the template made them."""
    changed = tuple(file.name for file in files if file.is_changed)
    deleted = tuple(file.name for file in files if file.is_deleted)
    if changed:
        what = f"{count(changed)} of the template and changed by you"
        yield Finding("note", what, MERGED, changed)
    if deleted:
        what = f"{count(deleted)} of the template and deleted by you"
        yield Finding("note", what, "An update leaves them deleted.", deleted)


def wrong_answers(stored: Answers, newest: Answers) -> Iterator[Finding]:
    """Yield the answers that the newest version does not allow, so that its default is taken."""
    for name, answer in stored.items():
        if not name.startswith("_") and name in newest and newest[name] != answer:
            yield Finding(
                "error",
                f"The newest template has no {name} {answer!r}; an update takes {newest[name]!r}",
                f"Answer it: copier update --data {name}=...",
            )


def files_of(folder: Path) -> set[str]:
    """Return the paths of all files and links below a folder."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def content(path: Path) -> bytes | None:
    """Return what a file holds, or where a link leads; None where there is neither."""
    if path.is_symlink():
        return bytes(path.readlink())
    return path.read_bytes() if path.is_file() else None


def is_text(content: bytes | None) -> bool:
    """Say whether a change of it comes through git and Copier, which read it as UTF-8."""
    if content is None:
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    # Git's own rule.
    return b"\0" not in content[:8000]
