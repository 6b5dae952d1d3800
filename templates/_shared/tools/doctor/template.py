"""The template that the project was made from, rendered with the project's answers."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.doctor.findings import Finding

ANSWERS = ".copier-answers.yml"

Answers = dict[str, Any]


class UnusableError(Exception):
    """A version of the template cannot be rendered; the text says why."""


def foreign(name: str) -> Any:
    """Import what the session's environment has and the project's, where mypy runs, has not."""
    return importlib.import_module(name)


def read_answers(project: Path) -> tuple[Answers, Finding | None]:
    """Return the answers that are kept in the project, and what is wrong with them."""
    remedy = f"Restore it: git log --all -- {ANSWERS}"
    try:
        answers = foreign("yaml").safe_load((project / ANSWERS).read_bytes())
    except FileNotFoundError:
        return {}, Finding("error", f"There is no {ANSWERS}, so nobody can update this", remedy)
    except (OSError, ValueError, foreign("yaml").YAMLError) as error:
        reason = " ".join(str(error).split())
        return {}, Finding("error", f"{ANSWERS} cannot be read: {reason}", remedy)
    if not isinstance(answers, dict) or not answers.get("_src_path"):
        what = f"{ANSWERS} does not say where the template is (_src_path)"
        return {}, Finding("error", what, remedy)
    if not answers.get("_commit"):
        what = f"{ANSWERS} does not say the template's version (_commit): it was not under git"
        remedy = "Copy the template once more, from its git address, over a clean tree: git diff."
        return answers, Finding("error", what, remedy)
    return answers, None


def render(project: Path, folder: Path, version: str | None) -> Answers:
    """Render a version of the template into a folder; no version means what an update takes.

    An answer that the version does not allow is replaced by its default, as in an update.
    """
    folder.mkdir(parents=True)
    shutil.copy(project / ANSWERS, folder / ANSWERS)
    # Nobody is there to be asked for a password.
    os.environ["GIT_TERMINAL_PROMPT"] = "0"
    os.environ.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
    said = io.StringIO()
    try:
        with (
            # A path of the template may be relative to the project.
            working_directory(project),
            warnings.catch_warnings(),
            contextlib.redirect_stderr(said),
        ):
            warnings.simplefilter("ignore")
            foreign("copier").run_recopy(
                folder, vcs_ref=version, defaults=True, overwrite=True, quiet=True
            )
    # Copier, git and Jinja have no common error.
    except Exception as error:
        raise UnusableError(reason_of(error)) from error
    rendered: Answers = foreign("yaml").safe_load((folder / ANSWERS).read_bytes())
    return rendered


@contextlib.contextmanager
def working_directory(folder: Path) -> Iterator[None]:
    """Stand in a folder for a while."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def reason_of(error: Exception) -> str:
    """Return the line of an error that says most; git's is its last but hints."""
    text = str(getattr(error, "stderr", "") or error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fatal = [line for line in lines if re.match(r"(fatal|error):", line)]
    return ([*fatal, *lines] or [type(error).__name__])[0].rstrip(".")


def is_newer(version: str, other: str) -> bool:
    """Say whether a version comes after another, both as Copier writes them.

    `v1.2.0-3-gabc1234` is the third commit after v1.2.0. The hash of a commit is no version, though
    one of digits alone looks like it.
    """
    versions = foreign("packaging.version")
    if "." not in version:
        return False
    try:
        return bool(versions.parse(public(version)) > versions.parse(public(other)))
    except versions.InvalidVersion:
        return False


def public(version: str) -> str:
    """Write the name of a commit after a tag as a version."""
    return re.sub(r"-(\d+)-g[0-9a-f]+$", r".post\1", version)
