"""The environments of generated projects: of those with the same requirements one is made.

A project would need ten seconds to make its own and to compile what it imports. A copy is made of
links, which is safe: no installer and no compiler changes a file in its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.shared import SHARED

VENV = ".venv"
# What the environment is made of; it is written last, once all is there.
STAMP = "made-of.txt"
MADE_OF = (
    "src/requirements.txt",
    "src/container/requirements.txt",
    "requirements-dev.txt",
    "src/requirements.lock",
)


@contextmanager
def environment(project: Path) -> Iterator[None]:
    """Give a project the environment of an earlier one, and keep what it makes for others."""
    folder = SHARED.path / "environments"
    # A project whose files a test has broken gets none.
    with suppress(OSError, ValueError, AttributeError):
        kept = folder / key(project, stamp(project))
        if (kept / STAMP).is_file() and not (project / VENV).exists():
            add_missing(kept, project / VENV)
    yield
    with suppress(FileNotFoundError):
        made_of = (project / VENV / STAMP).read_text("utf-8")
        add_missing(project / VENV, folder / key(project, made_of))


def stamp(project: Path) -> str:
    """Return the stamp that a project will write; where it differs, no environment is lent."""
    version = str(json.loads((project / "mldock.json").read_bytes()).get("python_version"))
    (wheel,) = (project / "wheels").glob("*/mldock_runtime-*.whl")
    settings = (project / "pyproject.toml").read_bytes()
    for_uv = re.findall(rb"(?ms)^\[+tool\.uv\b.*?(?=^\[|\Z)", settings)
    files = [(project / name).read_bytes() for name in MADE_OF]
    parts = [version.encode(), *for_uv], [*files, wheel.read_bytes()]
    return " ".join(hashlib.sha256(b"\0".join(part)).hexdigest() for part in parts)


def key(project: Path, made_of: str) -> str:
    """Return what differs where two environments do; a wheel is not that of the index."""
    wheels = sorted(path.name for path in (project / "wheels").glob("*.whl"))
    return hashlib.sha256("\0".join([made_of, *wheels]).encode()).hexdigest()[:16]


def add_missing(source: Path, target: Path) -> None:
    """Link the files of a folder that another does not have."""
    for folder, folders, files in os.walk(source):
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        known = {path.name for path in there.iterdir()}
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted({*files, *links} - known - {STAMP}):
            # Another process may add it too, or a compiler has just given it its name.
            with suppress(FileExistsError, FileNotFoundError):
                os.link(Path(folder) / name, there / name, follow_symlinks=False)
    # A copy, since this one is written in its place.
    shutil.copyfile(source / STAMP, target / STAMP)
