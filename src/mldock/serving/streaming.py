"""Answers that are sent part by part, as lines of JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mldock.serving.batching import replace_worker
from mldock.serving.decoding import Decoder
from mldock.serving.encoding import to_line
from mldock.serving.inference import respond_to
from mldock.serving.messages import (
    JSON_LINES,
    Headers,
    Receive,
    Request,
    RequestError,
    Response,
    Send,
    respond,
)
from mldock.serving.service import StreamService


class Streamer:
    """Answers one request at a time with what the model yields."""

    def __init__(self, service: StreamService[Any, Any], decoder: Decoder, timeout: float) -> None:
        self.service = service
        self.decoder = decoder
        self.timeout = timeout
        self.lock = asyncio.Lock()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="predict")

    async def answer(
        self, request: Request, receive: Receive, send: Send, headers: Headers
    ) -> Response:
        """Send the parts of an answer; return what the log and the metrics need to know of it.

        A failure before the first part is an error like any other. After it the status is sent, so
        that the answer ends with a line that holds the error. A client that leaves ends the model's
        work.

        Raises:
            RequestError: The request is wrong, or has more than one row.

        """
        rows = self.decoder.read([self.decoder.parse(request)])
        if len(rows) != 1:
            raise RequestError(422, f"There are {len(rows)} rows. This model takes one at a time.")
        async with self.lock:
            gone = asyncio.ensure_future(receive())
            parts: Iterator[Any] = iter(())
            try:
                parts = await self.run(lambda: iter(self.service.predict(rows[0])))
                line = await self.run(following, parts)
            except Exception as error:
                gone.cancel()
                response = respond_to(error)
                await respond(send, response, headers)
                return response
            try:
                await send({"type": "http.response.start", "status": 200, "headers": head(headers)})
                while line is not None and not gone.done():
                    await send({"type": "http.response.body", "body": line, "more_body": True})
                    line = await self.run(following, parts)
                last = Response(b"", JSON_LINES, rows=1)
            except Exception as error:
                last = respond_to(error)
            finally:
                gone.cancel()
            try:
                await self.run(getattr(parts, "close", bool))
            except Exception as error:
                last = respond_to(error)
            end = last.body + b"\n" if last.body else b""
            await send({"type": "http.response.body", "body": end})
            return last

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run the model's code in its thread, and end the worker if that takes too long."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self.thread, function, *arguments)
        try:
            return await asyncio.wait_for(asyncio.shield(work), self.timeout)
        except TimeoutError as error:
            raise RequestError(504, replace_worker(loop, self.timeout)) from error


def head(headers: Headers) -> Headers:
    """Return the headers of a streamed answer; nginx would keep parts back to fill its buffer."""
    return [(b"content-type", JSON_LINES.encode()), (b"x-accel-buffering", b"no"), *headers]


def following(parts: Iterator[Any]) -> bytes | None:
    """Return the next part as a line, or None after the last."""
    for part in parts:
        return to_line(part)
    return None
