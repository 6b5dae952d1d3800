"""Requests to an S3 server that cost the client next to nothing, to see what the server can do."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 8
PART = 8 * 2**20

# The head of a request, and the body as a place in a file.
Request = tuple[bytes, Path | None, int, int]


def requests_of(direction: str, uri: str, directory: Path) -> Callable[[], None]:
    """Return what sends the requests that move the files, or discards their bytes."""
    import boto3

    client = boto3.client("s3")
    host = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")

    def head(verb: str, key: str, *lines: str) -> bytes:
        call = {"GET": "get_object", "PUT": "put_object"}[verb]
        url = urlsplit(client.generate_presigned_url(call, {"Bucket": bucket, "Key": key}))
        first = f"{verb} {url.path}?{url.query} HTTP/1.1"
        return "\r\n".join([first, f"Host: {url.netloc}", *lines, "", ""]).encode()

    def downloads() -> Iterator[Request]:
        pages = client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                for start in range(0, item["Size"], PART):
                    stop = min(start + PART, item["Size"])
                    yield head("GET", item["Key"], f"Range: bytes={start}-{stop - 1}"), None, 0, 0

    def uploads() -> Iterator[Request]:
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            size = path.stat().st_size
            for start in range(0, size, PART):
                count = min(PART, size - start)
                # A part is an object here: it asks no less of the server.
                key = f"{prefix}/{path.relative_to(directory).as_posix()}.{start}"
                yield head("PUT", key, f"Content-Length: {count}"), path, start, count

    requests = list(downloads() if direction == "down" else uploads())

    def move() -> None:
        address = (host.hostname or "", host.port or 80)
        shares = [requests[start::CONNECTIONS] for start in range(CONNECTIONS)]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(lambda share: send(address, share), shares))

    return move


def send(address: tuple[str, int], requests: list[Request]) -> None:
    """Send requests one after the other over one connection."""
    buffer = bytearray(2**18)
    with socket.create_connection(address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for head, path, start, count in requests:
            connection.sendall(head)
            if path:
                with path.open("rb") as file:
                    connection.sendfile(file, start, count)
            discard(connection, buffer)


def discard(connection: socket.socket, buffer: bytearray) -> None:
    """Read an answer up to its end."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        if not (more := connection.recv(2**16)):
            raise ConnectionError("The server has ended the connection.")
        answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    if head[9:10] != b"2":
        raise ConnectionError(answer.decode(errors="replace"))
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    left = int(fields[b"content-length"]) - len(body)
    while left > 0:
        come = connection.recv_into(buffer, min(left, len(buffer)))
        if not come:
            raise ConnectionError("The server has ended the connection.")
        left -= come
