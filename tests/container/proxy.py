"""A company's proxy: it reads what TLS carries, and signs all it passes on as its own authority."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from tests.authority import Authority
from tests.engine import host_address

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        authority: What it signs with.
        hosts: The ports of this machine that are hosts of the company's network.
        url: Its address for containers.
        trusted: The hosts whose clients have taken its certificate.

    """

    authority: Authority
    hosts: dict[str, int]
    url: str = ""
    trusted: set[str] = field(default_factory=set)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect a client to the host that it names."""
        # A client that does not trust the certificate hangs up; a host may do so at any time.
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.decode().split(maxsplit=2)
            if method == "CONNECT":
                host = target.rpartition(":")[0]
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
                await writer.start_tls(self.authority.context(host))
                self.trusted.add(host)
                upstream = await self.connect(host)
            else:
                address = urlsplit(target)
                upstream = await asyncio.open_connection(address.hostname, address.port or 80)
                upstream[1].write(head)
            await asyncio.gather(pump(reader, upstream[1]), pump(upstream[0], writer))

    async def connect(self, host: str) -> Streams:
        """Open a connection to a host of the company, or one of the world."""
        if port := self.hosts.get(host):
            return await asyncio.open_connection(host_address(), port)
        return await asyncio.open_connection(host, 443, ssl=True)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on all that comes."""
    with suppress(OSError):
        while part := await reader.read(2**16):
            writer.write(part)
            await writer.drain()
    writer.close()


@contextmanager
def proxied(folder: Path, hosts: dict[str, int], password: str) -> Iterator[Proxy]:
    """Run a proxy on the address by which containers reach this machine."""
    proxy = Proxy(Authority(folder), hosts)
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        end = asyncio.Event()
        async with await asyncio.start_server(proxy.answer, host_address(), 0) as server:
            host, port = server.sockets[0].getsockname()
            proxy.url = f"http://user:{password}@{host}:{port}"
            started.set_result((asyncio.get_running_loop(), end))
            await end.wait()

    thread = Thread(target=asyncio.run, args=[run()])
    thread.start()
    loop, end = started.result()
    yield proxy
    loop.call_soon_threadsafe(end.set)
    thread.join()
