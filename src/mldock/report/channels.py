"""What lies in the channels of data: how many files, how large, and what their tables hold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mldock.environment import Environment
from mldock.report.tables import Table, read_tables

# A channel may hold millions of files; so many are counted.
MOST_FILES = 20_000

MOST_KINDS = 5


@dataclass(frozen=True)
class ChannelSummary:
    """A channel of data.

    Attributes:
        name: The name of its folder.
        remote: Where it was fetched from, if it was.
        files: How many files were counted.
        size: Their bytes.
        more: Whether there are more files than were counted.
        kinds: The most frequent endings of names, and how many files have them.
        tables: What the files of CSV hold, if there are any.

    """

    name: str
    remote: str | None
    files: int
    size: int
    more: bool
    kinds: list[tuple[str, int]]
    tables: Table | None


def summarize_channels(environment: Environment) -> list[ChannelSummary]:
    """Look at each channel of data that the trainer had."""
    folder = environment.channel_dir("any").parent
    remotes = {
        channel.name: channel.remote
        for channel in environment.channels
        if (channel.kind, channel.direction) == ("data", "input")
    }
    return [
        summarize(path, remotes.get(path.name))
        for path in sorted(folder.glob("[!.]*"))
        if path.is_dir()
    ]


def summarize(folder: Path, remote: str | None) -> ChannelSummary:
    """Look at one channel."""
    files, size, more = 0, 0, False
    kinds: Counter[str] = Counter()
    tables = []
    for path, bytes_ in find_files(folder):
        if files == MOST_FILES:
            more = True
            break
        files += 1
        size += bytes_
        kinds[path.suffix.lower() or "no ending"] += 1
        if path.suffix.lower() == ".csv":
            tables.append(path)
    return ChannelSummary(
        folder.name, remote, files, size, more, kinds.most_common(MOST_KINDS), read_tables(tables)
    )


def find_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Find the regular files of a folder and their sizes, in order; a pipe is none."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path, path.stat().st_size
