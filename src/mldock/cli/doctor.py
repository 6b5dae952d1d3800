"""Report what `copier update` would lose without a word, and how to keep it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# They are in the environment of this session, not in the one where mypy runs.
import copier  # type: ignore[import-not-found,unused-ignore]
import yaml  # type: ignore[import-not-found,import-untyped,unused-ignore]
from mldock.cli import options
from mldock.cli.environment import ROOT

ANSWERS = ".copier-answers.yml"
# The lines that git and Copier put around two versions; one alone is not a conflict.
MARKERS = ["-e", "^<<<<<<<", "-e", "^=======", "-e", "^>>>>>>>"]


def main() -> int:
    """Run the session."""
    options.parser("doctor", __doc__).parse_args()
    if not shutil.which("git"):
        sys.exit("error: git is not installed, and an update needs it.")
    is_safe = True
    for line in examine(ROOT):
        is_safe &= not line.startswith("error")
        print(line)
    if is_safe:
        print("An update loses nothing.")
    return int(not is_safe)


def examine(project: Path) -> Iterator[str]:
    """Yield a line for each finding, errors first."""
    marked = git(project, "grep", "--all-match", "--files-with-matches", "-I", *MARKERS)
    remedy = "Choose what stays, delete the marker lines, and commit."
    yield from errors("left with conflict markers", marked, remedy)
    rejected = git(project, "ls-files", "-co", "--exclude-standard", "--", "*.rej")
    yield from errors("not merged by an update", rejected, "Merge it by hand, then delete it.")
    answers = read_answers(project)
    print(f"Reading the template {answers['_src_path']}.", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # The answers may depend on the name of the folder.
        old, new = Path(folder, "old", project.name), Path(folder, "new", project.name)
        newest = render(project, new, None)
        wrong = {name for name in newest.keys() & answers if newest[name] != answers[name]}
        wrong -= {"_commit", "_src_path"}
        for name in sorted(wrong):
            what = f"error: the newest template has no {name} {answers[name]!r}"
            remedy = f"Choose one: copier update --data {name}=..."
            yield f"{what}; an update takes {newest[name]!r}. {remedy}"
        # With another answer the files are not those that the owner wants.
        if not wrong:
            render(project, old, answers["_commit"])
            yield from losses(project, old, new)
    if newest["_commit"] != answers["_commit"]:
        yield f"warning: the newest template is {newest['_commit']}, this is {answers['_commit']}"


def errors(what: str, names: Iterable[str], remedy: str) -> Iterator[str]:
    """Yield a line about files, if there are any."""
    if shown := [name if name.isprintable() else repr(name) for name in sorted(names)]:
        yield f"error: {what}: {', '.join(shown)}. {remedy}"


def read_answers(project: Path) -> dict[str, Any]:
    """Return the answers that are kept in the project."""
    remedy = f"Restore it (git log --all -- {ANSWERS}), or copy the template anew from its git."
    try:
        answers = yaml.safe_load((project / ANSWERS).read_bytes())
    except (OSError, ValueError, yaml.YAMLError) as error:
        sys.exit(f"error: {ANSWERS} cannot be read: {' '.join(str(error).split())}. {remedy}")
    if not (isinstance(answers, dict) and answers.get("_src_path") and answers.get("_commit")):
        sys.exit(f"error: {ANSWERS} has no _src_path or no _commit. {remedy}")
    return answers


def render(project: Path, folder: Path, version: str | None) -> dict[str, Any]:
    """Render a version of the template, or the newest, as an update does; return its answers."""
    folder.mkdir(parents=True)
    shutil.copy(project / ANSWERS, folder)
    # Nobody is there to be asked for a password.
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
    os.environ |= {**quiet, **os.environ}
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            copier.run_recopy(folder, vcs_ref=version, defaults=True, overwrite=True, quiet=True)
    # Copier, git and Jinja have no common error.
    except Exception as error:
        lines = (str(getattr(error, "stderr", "") or error).strip() or repr(error)).splitlines()
        reason = next((line for line in lines if line.startswith("fatal:")), lines[0])
        sys.exit(f"error: {version or 'the newest version'} cannot be read: {reason}")
    return dict(yaml.safe_load((folder / ANSWERS).read_bytes()))


def losses(project: Path, old: Path, new: Path) -> Iterator[str]:
    """Yield the files that an update from a version of the template to another would lose."""
    hidden, gone, binary = [], [], []
    known = git(project, "ls-files")
    names = {path.relative_to(to).as_posix() for to in (old, new) for path in to.rglob("*")}
    for name in names - {ANSWERS}:
        mine, before, after = (content(folder / name) for folder in (project, old, new))
        if mine is None or (name in known and mine in (before, after)):
            continue
        if name not in known:
            hidden.append(name)
        elif after is None:
            gone.append(name)
        elif not all(map(is_text, (mine, before, after))):
            binary.append(name)
    restore = "After the update: git checkout HEAD -- FILE"
    remedy = "Copy it aside, update, put it back; or git add --force FILE, and commit."
    yield from errors("unknown to git; an update overwrites or deletes it", hidden, remedy)
    yield from errors("yours, not in the newest template; an update deletes it", gone, restore)
    yield from errors("yours, not UTF-8 text; an update takes the template's", binary, restore)


def git(project: Path, command: str, *arguments: str) -> set[str]:
    """Return the names that a command of git lists."""
    result = subprocess.run(["git", command, "-z", *arguments], cwd=project, capture_output=True)
    # grep ends with 1 where it finds nothing.
    if result.returncode > 1:
        sys.exit(f"error: {os.fsdecode(result.stderr).strip()}")
    return set(os.fsdecode(result.stdout).split("\0")[:-1])


def content(path: Path) -> bytes | None:
    """Return what a file holds, or where a link leads; None where there is neither."""
    if path.is_symlink():
        return bytes(path.readlink())
    return path.read_bytes() if path.is_file() else None


def is_text(content: bytes | None) -> bool:
    """Return whether git and Copier merge it: they read it as UTF-8, and NUL as binary."""
    content = content or b""
    return b"\0" not in content[:8000] and content.decode(errors="ignore").encode() == content
