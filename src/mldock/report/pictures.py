"""The pictures that the trainer has left in `output/data`, as parts of the report."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mldock.report.channels import find_files

TYPES = {".png": "image/png", ".svg": "image/svg+xml"}

# A report of such a size still opens at once.
MOST_PICTURES = 24
MOST_BYTES = 15_000_000

# In seconds: some file systems know the time of a file no better.
COARSE = 2


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        name: Where it lies below `output/data`.
        size: In bytes.
        address: The picture itself; None if it does not fit into the report.

    """

    name: str
    size: int
    address: str | None


def find_pictures(folder: Path, began: datetime | None) -> list[Picture]:
    """Return the pictures that this run has written; those of earlier ones lie there too."""
    since = began.timestamp() - COARSE if began else 0
    pictures: list[Picture] = []
    room = MOST_BYTES
    for path, size in find_files(folder):
        kind = TYPES.get(path.suffix.lower())
        if kind is None or path.stat().st_mtime < since:
            continue
        fits = size <= room and len(pictures) < MOST_PICTURES
        room -= size if fits else 0
        content = base64.b64encode(path.read_bytes()).decode() if fits else ""
        address = f"data:{kind};base64,{content}" if fits else None
        pictures.append(Picture(path.relative_to(folder).as_posix(), size, address))
    return pictures
