"""A request to predict and the answer to it, whatever server carries them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson

log = logging.getLogger("predict")

JSON = "application/json"
JSON_LINES = "application/jsonlines"
CSV = "text/csv"
NPY = "application/x-npy"

# As long as it takes to send a body that is far too large over a fast network.
LINGER_SECONDS = 5

# ASGI's.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Request:
    """What a client asks.

    Attributes:
        body: As it was sent.
        content_type: The header, with its parameters.
        accept: The header, or empty.
        encoding: The header Content-Encoding, or empty.

    """

    body: bytes
    content_type: str = JSON
    accept: str = ""
    encoding: str = ""


@dataclass(slots=True)
class Response:
    """What it is told: the status, the body and its type, and how many rows were answered."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    rows: int = 0


class RequestError(Exception):
    """A request that cannot be answered, for decoders and `predict` to raise.

    Args:
        status: The HTTP status of the response, such as 422.
        message: What is wrong, where, and what to do; the client gets it as `{"error": message}`.

    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def response(self) -> Response:
        """The answer that tells the client."""
        return Response(orjson.dumps({"error": str(self)}), status=self.status)


def failed(error: BaseException) -> Response:
    """Say that the model failed; the reason is in the log, since it may hold what is not told."""
    log.error("the model failed", exc_info=error)
    fault = f"The model failed: {type(error).__name__}. The log of the server has the reason."
    return RequestError(500, fault).response


async def respond(
    send: Send, response: Response, headers: Headers, unread: Receive | None = None
) -> None:
    """Send a response that is whole.

    A client that is still sending hears nothing if the connection is closed under it: what is
    `unread` of its body is read for a while, and dropped.
    """
    closing = [(b"connection", b"close")] if unread else []
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [
                (b"content-type", response.content_type.encode()),
                (b"content-length", str(len(response.body)).encode()),
                *headers,
                *closing,
            ],
        }
    )
    message = {"type": "http.response.body", "body": response.body}
    if unread:
        await send({**message, "more_body": True})
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(drop(unread), LINGER_SECONDS)
        message["body"] = b""
    await send(message)


async def drop(receive: Receive) -> None:
    """Read a body to its end."""
    while (await receive()).get("more_body", False):
        pass
