"""Takes the templates out of a repository as git has them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extensions.model import CaptureError, File, Tree
from extensions.reading import git
from extensions.rendering.trees import scratch, write_tree

# What Copier reads of a repository.
PARTS = ("copier.yml", "templates")


@contextmanager
def exported(repository: Path, ref: str | None = None) -> Iterator[Path]:
    """Yield a folder with the templates that git knows, or a plain folder as it is.

    What git ignores, such as a cache in a folder of a template, is in no project.

    Args:
        repository: Where the templates lie.
        ref: A commit; without one, the working tree.

    Raises:
        CaptureError: If there is no such commit, or it has no templates.

    """
    if ref is None and not (repository / ".git").exists():
        yield repository
        return
    with scratch() as folder:
        if ref is None:
            copy_working_tree(repository, folder)
        else:
            write_tree(folder, committed(repository, ref))
        yield folder


def copy_working_tree(repository: Path, folder: Path) -> None:
    """Copy the files that git tracks or would track, as they are now."""
    options = ["-z", "--cached", "--others", "--exclude-standard", "--", *PARTS]
    for name in git.text_of(git.run(repository, "ls-files", *options)).split("\0")[:-1]:
        if os.path.lexists(repository / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository / name, folder / name, follow_symlinks=False)


def committed(repository: Path, ref: str) -> Tree:
    """Return the templates of a commit."""
    try:
        entries = [
            entry
            for entry in git.entries(repository, ref, "")
            if entry.path.split("/", 1)[0] in PARTS and (entry.is_file or entry.is_link)
        ]
        contents = git.contents(repository, [entry.object for entry in entries])
    except git.GitError as error:
        raise CaptureError(f"{ref} is no commit of {repository}: {error}") from error
    return {
        entry.path: File(link=git.text_of(contents[entry.object]))
        if entry.is_link
        else File(contents[entry.object], entry.mode == "100755")
        for entry in entries
    }
