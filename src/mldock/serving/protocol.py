"""uvicorn's HTTP protocol, which writes each answer at once."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class WholeAnswers:
    """A transport that keeps the head of an answer until its body comes.

    uvicorn writes one after the other. A worker that is killed between them leaves nginx with half
    an answer, which it cannot ask another worker for; and a second write costs time.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.head = b""
        self.loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Write, or keep what is only a head."""
        if self.head:
            data, self.head = self.head + data, b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self.head = data
            # Some answers have no body.
            self.loop.call_soon(self.flush)
            return
        self.transport.write(data)

    def flush(self) -> None:
        """Write what is kept."""
        if self.head:
            data, self.head = self.head, b""
            self.transport.write(data)

    def close(self) -> None:
        """Write what is kept, and close."""
        self.flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        """Return what the transport itself has."""
        return getattr(self.transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's, with whole answers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(cast(asyncio.Transport, WholeAnswers(transport)))
