"""Answers that are sent part by part, as lines of JSON."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mldock.serving.batching import run_limited
from mldock.serving.decoding import Decoder
from mldock.serving.encoding import to_line
from mldock.serving.messages import (
    CLIENT_GONE,
    JSON_LINES,
    Headers,
    Receive,
    Request,
    RequestError,
    Response,
    Send,
    busy,
    respond,
    response_to,
)
from mldock.serving.service import StreamService
from mldock.serving.settings import ServerSettings

# Of one answer, made before its client has read it: the model goes on for others.
BUFFER_BYTES = 8 * 2**20
CHUNK_BYTES = 64 * 1024

# Beyond the buffer the model waits for a client, so long in all; then the client is dropped.
READER_SECONDS = 10
POLL_SECONDS = 0.005

log = logging.getLogger("predict")


class SlowReaderError(Exception):
    """The client reads so slowly that others would wait for it."""


class Streamer:
    """Answers one request at a time with what the model yields."""

    def __init__(
        self, service: StreamService[Any, Any], decoder: Decoder, settings: ServerSettings
    ) -> None:
        self.service = service
        self.decoder = decoder
        self.timeout, self.max_wait = settings.timeout, settings.max_wait
        self.lock = asyncio.Lock()
        self.waiting = 0
        # Seconds of the last answer, which are a guess of the next one's.
        self.pace = 0.0
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="predict")

    async def answer(
        self,
        request: Request,
        receive: Receive,
        send: Send,
        headers: Headers,
        abort: Callable[[], None],
    ) -> Response:
        """Send the parts of an answer; return what the log and the metrics need to know of it.

        A failure before the first part is an error like any other. After it the status is sent, so
        that the answer ends with a line that holds the error. A client that leaves, or reads too
        slowly, ends the model's work; `abort` closes its connection.

        Raises:
            RequestError: The request is wrong, has more than one row, or would wait too long.

        """
        rows = self.decoder.read([self.decoder.parse(request)])
        if len(rows) != 1:
            raise RequestError(422, f"There are {len(rows)} rows. This model takes one at a time.")
        loop = asyncio.get_running_loop()
        asked = loop.time()
        await self._acquire()
        begin = loop.time()
        gone = asyncio.ensure_future(receive())
        outbox = Outbox(send)
        try:
            last = await self._produce(rows[0], outbox, headers, gone)
        except SlowReaderError:
            log.warning("a client that did not read its answer for %s s is dropped", READER_SECONDS)
            last = Response(b"", status=CLIENT_GONE)
            abort()
        finally:
            self.pace = loop.time() - begin
            self.lock.release()
            gone.cancel()
        await outbox.close()
        last.waited = begin - asked
        return last

    async def _acquire(self) -> None:
        seconds = (self.waiting + self.lock.locked()) * self.pace
        if seconds > self.max_wait:
            raise busy(self.waiting + 1, seconds)
        self.waiting += 1
        try:
            await asyncio.wait_for(self.lock.acquire(), self.max_wait)
        except TimeoutError as error:
            raise busy(self.waiting, self.pace or self.max_wait) from error
        finally:
            self.waiting -= 1

    async def _produce(
        self, row: Any, outbox: Outbox, headers: Headers, gone: asyncio.Future[Any]
    ) -> Response:
        """Let the model make the parts; return the last response."""
        parts: Iterator[Any] = iter(())
        try:
            parts = await self._run(lambda: iter(self.service.predict(row)))
            line = await self._run(next_line, parts)
        except Exception as error:
            response = response_to(error)
            await respond(outbox.send, response, headers)
            return response
        last = Response(b"", JSON_LINES, rows=1)
        await outbox.open(headers)
        try:
            while line is not None and not gone.done():
                await outbox.put(line)
                line = await self._run(next_line, parts)
        except SlowReaderError:
            raise
        except Exception as error:
            last = response_to(error)
        finally:
            try:
                await self._run(getattr(parts, "close", bool))
            except Exception as error:
                last = response_to(error)
        if last.body:
            outbox.lines += last.body + b"\n"
        return last

    async def _run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await run_limited(self.thread, self.timeout, function, *arguments)


class Outbox:
    """The lines of an answer on their way to its client."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.lines = bytearray()
        self.patience: float = READER_SECONDS
        self.sender: asyncio.Task[None] | None = None

    async def open(self, headers: Headers) -> None:
        """Begin the answer; nginx would keep parts back to fill its buffer."""
        own = [(b"content-type", JSON_LINES.encode()), (b"x-accel-buffering", b"no")]
        start = {"type": "http.response.start", "status": 200, "headers": [*own, *headers]}
        await self.send(start)
        self.sender = asyncio.create_task(self._send_all())

    async def put(self, line: bytes) -> None:
        """Add a line; where the client is slow, wait for it, but not for ever."""
        loop = asyncio.get_running_loop()
        self.lines += line
        if not self.sender or self.sender.done():
            self.sender = asyncio.create_task(self._send_all())
        while len(self.lines) > BUFFER_BYTES:
            if self.patience < 0:
                raise SlowReaderError
            begin = loop.time()
            await asyncio.sleep(POLL_SECONDS)
            self.patience -= loop.time() - begin

    async def _send_all(self) -> None:
        while self.lines:
            part = bytes(self.lines[:CHUNK_BYTES])
            del self.lines[:CHUNK_BYTES]
            # Returns when the client has read most of what came before, or is gone.
            await self.send({"type": "http.response.body", "body": part, "more_body": True})

    async def close(self) -> None:
        """Wait until all is sent, if the answer has begun."""
        if self.sender:
            await self.sender
            await self.send({"type": "http.response.body", "body": bytes(self.lines)})


def next_line(parts: Iterator[Any]) -> bytes | None:
    """Return the next part as a line, or None after the last."""
    for part in parts:
        return to_line(part)
    return None
