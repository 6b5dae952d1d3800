"""One transfer, in a process of its own: `client.py CONTENDER down|up URI DIRECTORY`.

When all is imported and the client is there, it prints how much memory it has and how long that
took; then it moves the files. It runs in the environments of several tools, so it imports no more
than it needs.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

Move = Callable[[], object]


def ours(direction: str, uri: str, directory: Path) -> Move:
    """Move files as a container of this repository does."""
    from mldock import Environment
    from mldock.storage import download, upload

    store = Environment(directory, {}).store_of(uri)
    if direction == "down":
        return lambda: download(store, directory, "benchmark")
    return lambda: upload(store, directory, "benchmark")


def plain_boto3(direction: str, uri: str, directory: Path) -> Move:
    """Move one file after the other with one client."""
    import boto3

    client = boto3.client("s3")
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")

    def down() -> None:
        pages = client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                target = directory / item["Key"].removeprefix(f"{prefix}/")
                target.parent.mkdir(parents=True, exist_ok=True)
                client.download_file(bucket, item["Key"], str(target))

    def up() -> None:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                name = path.relative_to(directory).as_posix()
                client.upload_file(str(path), bucket, f"{prefix}/{name}")

    return down if direction == "down" else up


def s3fs(direction: str, uri: str, directory: Path) -> Move:
    """Move a tree in one call, as mldock did."""
    system = importlib.import_module("s3fs").S3FileSystem()
    system.connect()
    if direction == "down":
        return lambda: system.get(f"{uri}/", f"{directory}/", recursive=True)
    return lambda: system.put(f"{directory}/", f"{uri}/", recursive=True)


def bare(direction: str, uri: str, directory: Path) -> Move:
    """Do as little as can be done: requests signed before, over eight sockets, nothing on disk."""
    raw = importlib.import_module("raw")
    move: Move = raw.requests_of(direction, uri, directory)
    return move


def memory() -> int:
    """Return how many bytes of memory this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Get ready, say so, and move."""
    name, direction, uri, directory = sys.argv[1:]
    contenders = {"ours": ours, "boto3": plain_boto3, "s3fs": s3fs, "server": bare}
    move = contenders[name](direction, uri, Path(directory))
    idle, start = memory(), time.monotonic()
    move()
    print(json.dumps({"idle": idle, "transfer": time.monotonic() - start}))


if __name__ == "__main__":
    main()
