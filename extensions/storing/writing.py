"""Writes a template into the working tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from extensions.model import CaptureError, File, Tree
from extensions.reading import git
from extensions.rendering.trees import write_tree
from extensions.storing.index import with_section, with_table
from extensions.storing.recapture import PAGE, description_of, section_of


def check_ignored(repository: Path, files: Tree) -> None:
    """Refuse files that a commit of the templates would leave out.

    Raises:
        CaptureError: Git would ignore them in this repository.

    """
    names = [name for name in files if "#" not in name or not name.startswith(PAGE)]
    given = b"".join(git.bytes_of(name) + b"\0" for name in names)
    try:
        answer = git.run(repository, "check-ignore", "-z", "--stdin", "--no-index", given=given)
    except git.GitError:
        # None is ignored, or the templates lie in no repository.
        return
    ignored = git.text_of(answer).split("\0")[:-1]
    raise CaptureError(
        "The templates' own .gitignore would keep these out of the next commit:\n"
        + "\n".join(f"  {name}" for name in ignored)
        + "\nThey look like what runs leave behind: remove them from the project's git, or change "
        ".gitignore here."
    )


def with_page(repository: Path, name: str, files: Tree) -> dict[str, File]:
    """Return the files with the page in the place of the template's section."""
    text = (repository / PAGE).read_text("utf-8") if (repository / PAGE).is_file() else ""
    page = with_section(text, name, (files[section_of(name)].content).decode())
    page = with_table(page, descriptions(repository, name, files))
    others = {path: file for path, file in files.items() if path != section_of(name)}
    return {**others, PAGE: File(page.encode())}


def descriptions(repository: Path, name: str, files: Tree) -> Iterator[Mapping[str, Any]]:
    """Yield what each template says of itself, the new one too."""
    own = description_of(name)
    yield yaml.safe_load(files[own].content)
    for path in sorted((repository / "templates").glob("*.yml")):
        if path.name != Path(own).name:
            yield yaml.safe_load(path.read_bytes())


def write(repository: Path, files: Tree, name: str, before: Iterable[str]) -> None:
    """Write the files of a template, and remove those it has no more.

    Args:
        repository: Where to.
        files: All files that it has now, by path in the repository.
        name: The template.
        before: The paths of the files that it had.

    """
    for path in sorted(set(before) - files.keys() - {section_of(name)}):
        remove(repository, path)
    last = description_of(name)
    write_tree(repository, {path: file for path, file in files.items() if path != last})
    # It makes the template selectable, so all else is there before it.
    write_tree(repository, {last: files[last]})


def remove(repository: Path, path: str) -> None:
    """Remove a file, and the folders that are empty without it."""
    (repository / path).unlink()
    for folder in (repository / path).parents:
        if folder == repository or any(folder.iterdir()):
            break
        folder.rmdir()
