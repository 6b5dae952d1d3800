"""Requests as they are sent, byte by byte, and the answers that come."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# An answer that takes longer does not come.
PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    """An answer that came as a whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    @property
    def is_error(self) -> bool:
        """Whether it says what is wrong, as every error does."""
        with contextlib.suppress(ValueError):
            return self.status >= 400 and set(self.json) == {"error"} and bool(self.json["error"])
        return False


@dataclass(frozen=True)
class Request:
    """What is sent, and which answer is right."""

    raw: bytes
    is_right: Callable[[Answer], bool]


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read one answer; raises EOFError where it ends early."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.splitlines()
    pairs = (line.split(":", 1) for line in lines if line)
    headers = {name.lower(): value.strip() for name, value in pairs}
    if "transfer-encoding" in headers:
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Answer(int(status_line.split()[1]), headers, body)


def send(address: tuple[str, int], request: Request) -> Answer:
    """Ask once, and return the answer."""

    async def ask() -> Answer:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(request.raw)
        try:
            return await asyncio.wait_for(read_answer(reader), PATIENCE)
        finally:
            writer.close()

    return asyncio.run(ask())


def post(body: bytes, *headers: str, path: str = "/invocations") -> bytes:
    """Return the bytes of a request; its type is JSON unless a header says another."""
    if not any(header.lower().startswith("content-type") for header in headers):
        headers = ("Content-Type: application/json", *headers)
    lines = [f"POST {path} HTTP/1.1", "Host: test", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def row(number: int, **fields: object) -> Request:
    """Ask for one row; the answer that has its number is right."""
    raw = post(json.dumps({"number": number, **fields}).encode())
    return Request(raw, lambda answer: answer.status == 200 and answer.json["number"] == number)


def spread(*makers: Callable[[int], Request]) -> Callable[[int], Request]:
    """Take turns."""
    return lambda number: makers[number % len(makers)](number)


def percentile(seconds: Iterable[float], part: float) -> float:
    """Return what so large a part of the durations does not exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
