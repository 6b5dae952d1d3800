"""From an old project of mldock to a project of the generic template, in a folder of its own."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import copier

from extensions.converting.answers import answers
from extensions.converting.files import files_of, text_of
from extensions.converting.notes import Notes
from extensions.converting.old import OldProject, read_old
from extensions.converting.requirements import is_locked, lock
from extensions.model import CaptureError
from extensions.options.values import recorded_answers
from extensions.reading import git
from extensions.rendering.trees import read_tree, write_tree
from extensions.reporting.progress import Progress

# For its owner, not for git: no template should have it.
PAGE = "CONVERTED.md"
AUTHOR = ["-c", "user.name=mldock-templates", "-c", "user.email=nobody@example.com"]
# A key to sign with may ask for a password, and this commit is nobody's.
AUTHOR += ["-c", "commit.gpgsign=false"]


@dataclass(frozen=True)
class Conversion:
    """An old project, and what became of it.

    Attributes:
        root: The new project.
        head: What was converted, in a line or two.
        notes: What is told of it.

    """

    root: Path
    head: str
    notes: Notes = field(default_factory=Notes)

    @property
    def text(self) -> str:
        """What a person reads."""
        return f"{self.head}\n{self.notes.text}\n"

    @property
    def data(self) -> dict[str, Any]:
        """What a program reads."""
        notes = self.notes
        return {
            "path": str(self.root),
            "must": notes.must,
            "should": notes.should,
            "adapted": notes.adapted,
            "carried": notes.carried,
            "left": notes.left,
            "cut": list(notes.cut),
        }


@contextmanager
def converted(
    path: Path,
    target: Path | None,
    given: Mapping[str, str],
    repository: Path,
    step: Progress,
    keep: bool = True,
) -> Iterator[Conversion]:
    """Yield the new project of an old one.

    Args:
        path: The old project, which stays as it is.
        target: Where the new one is to lie; beside the old one if nobody says.
        given: Answers that a person gives.
        repository: Where the templates lie.
        step: Is told what is done next.
        keep: Whether the new project stays; without, it is gone afterwards.

    Raises:
        CaptureError: There is something in the way, or a person has something to do first.

    """
    root = path.resolve()
    place = (target or root.with_name(f"{root.name}-converted")).resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        if not recorded_answers(place):
            raise CaptureError(
                f"{place} is in the way of the project that {root.name} becomes. "
                "Name another folder: --converted PATH"
            )
        yield Conversion(
            place,
            f"{root} was converted before: {place} is taken. To convert it again, remove that.",
        )
        return
    with TemporaryDirectory(prefix="converted-") as folder:
        work = Path(folder) / "project"
        conversion = convert(read_old(path), work, given, repository, step)
        if keep:
            shutil.copytree(work, place, symlinks=True, dirs_exist_ok=True)
            conversion = Conversion(place, f"{conversion.head}: {place}", conversion.notes)
        if conversion.notes.must:
            raise CaptureError(unfinished(conversion, keep))
        yield conversion


def unfinished(conversion: Conversion, keep: bool) -> str:
    """Return what is told where a person has something to do before there can be a template."""
    then = (
        f"{PAGE} there holds this list. Then commit, and: "
        f"nox -s build-template -- {conversion.root}"
        if keep
        else "Without --dry-run the new project is kept, for you to do it."
    )
    return f"{conversion.text}\nThe project is not ready to become a template. {then}"


def convert(
    old: OldProject, work: Path, given: Mapping[str, str], repository: Path, step: Progress
) -> Conversion:
    """Make the new project in a folder, and commit it."""
    step("Converting it from mldock")
    notes = Notes()
    copy(repository, work, answers(old, given, notes))
    fresh = read_tree(work)
    files = files_of(old, fresh, notes)
    shutil.rmtree(work)
    write_tree(work, files)
    known = text_of(fresh, "src/requirements.txt")
    own = "\n".join(
        set(text_of(files, "src/requirements.txt").split("\n")) - set(known.split("\n"))
    )
    if not is_locked(own, text_of(fresh, "src/requirements.lock")):
        step("Choosing exact versions")
        lock(work, notes)
    commit(work)
    head = f"Converted from mldock, generation {old.generation}"
    (work / PAGE).write_text(f"# {head}\n{notes.page}", "utf-8")
    return Conversion(work, head, notes)


def copy(repository: Path, target: Path, data: dict[str, str]) -> None:
    """Let Copier make a fresh project."""
    with warnings.catch_warnings():
        # Changes that are not committed are taken too, as everywhere in a capture.
        warnings.simplefilter("ignore")
        try:
            copier.run_copy(
                str(repository),
                target,
                data=data,
                defaults=True,
                quiet=True,
                vcs_ref="HEAD",
                unsafe=False,
                settings=copier.Settings(),
            )
        except (ValueError, copier.errors.CopierError) as error:
            raise CaptureError(f"Copier makes no project: {error}") from None


def commit(folder: Path) -> None:
    """Put the new project under version control."""
    try:
        git.run(folder, "init", "--quiet", "--initial-branch", "main")
        # What the old project has tracked is tracked again, whatever is ignored.
        git.run(folder, "add", "--all", "--force")
        message = ["commit", "--quiet", "--no-verify", "--message", "Converted from mldock"]
        git.run(folder, *AUTHOR, *message)
    except git.GitError as error:
        raise CaptureError(f"git cannot keep the new project: {error}") from None
    with (folder / ".git" / "info" / "exclude").open("a", encoding="utf-8") as file:
        file.write(f"{PAGE}\n")
