"""What the tests of storage say and do with files and objects."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mldock import Environment
from mldock.storage import download, upload

BUCKET = "bucket"
TITLE = "MLDOCK_INPUT_CHANNEL_DATA"


def fetch(uri: str, directory: Path) -> None:
    """Download what lies at a URI, as a container does."""
    download(Environment(directory, os.environ).store_of(uri), directory, TITLE)


def keep(directory: Path, uri: str) -> None:
    """Upload a directory, as a container does."""
    upload(Environment(directory, os.environ).store_of(uri), directory, TITLE)


def tree(directory: Path) -> dict[str, bytes]:
    """Return the files below a directory and what they hold."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def finals(directory: Path) -> dict[str, bytes]:
    """Return those files that are not still being written."""
    return {
        name: content for name, content in tree(directory).items() if not name.endswith(".partial")
    }


def make_tree(directory: Path, files: dict[str, bytes]) -> Path:
    """Write files below a directory."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return directory


def program(body: str, **variables: str) -> list[str]:
    """Return the command of a process that runs `body` with the functions above."""
    lines = [
        "import datetime, os, sys, signal, logging",
        "from pathlib import Path",
        "from mldock import StopRequested",
        "from mldock.logs import configure_logging",
        "from mldock import storage, stores",
        "from tests.mldock.storage.tools import fetch, keep, finals",
        f"os.environ.update({variables!r})",
        body,
    ]
    return [sys.executable, "-c", "\n".join(lines)]


def surroundings() -> dict[str, str]:
    """Return the variables of such a process."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
