"""A request to predict and the answer to it, whatever server carries them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import orjson

log = logging.getLogger("predict")

JSON = "application/json"
JSON_LINES = "application/jsonlines"
CSV = "text/csv"
NPY = "application/x-npy"

# Headers that are sent back as they came; by SageMaker's own, clients pass things on.
ECHOED = ("X-Request-Id", "X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")

# nginx's status for a client that has closed its connection; nobody is told.
CLIENT_GONE = 499

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
    """The body as it was sent, and its headers; they are empty where they are absent."""

    body: bytes
    content_type: str = JSON
    accept: str = ""
    encoding: str = ""


@dataclass(slots=True)
class Response:
    """The answer to a request.

    Attributes:
        rows: How many rows were answered.
        retry_after: Seconds after which to ask again, a header; 0 is none.
        waited: Seconds in which the model was busy with other requests.

    """

    body: bytes
    content_type: str = JSON
    status: int = 200
    rows: int = 0
    retry_after: int = 0
    waited: float = 0


class RequestError(Exception):
    """A request that cannot be answered, for decoders and `predict` to raise.

    Args:
        status: The HTTP status of the response, such as 422.
        message: What is wrong, where, and what to do; the client gets it as `{"error": message}`.
        retry_after: Seconds after which the client may try again; 0 says nothing of it.

    """

    def __init__(self, status: int, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after

    @property
    def response(self) -> Response:
        body = orjson.dumps({"error": str(self)})
        return Response(body, status=self.status, retry_after=self.retry_after)


def busy(waiting: int, seconds: float) -> RequestError:
    """Return the error of a request that would wait too long: for others, which take `seconds`."""
    later = max(1, math.ceil(seconds))
    fault = (
        f"The model is busy: {waiting} requests wait, for about {later} s. Try again later, start "
        "more servers, or raise MLDOCK_SERVER_MAX_WAIT."
    )
    return RequestError(503, fault, later)


def failed(error: BaseException) -> Response:
    """Return the answer of a model that failed; the reason, which may be private, is logged."""
    log.error("the model failed", exc_info=error)
    fault = f"The model failed: {type(error).__name__}. The log of the server has the reason."
    return RequestError(500, fault).response


def response_to(error: BaseException) -> Response:
    """Return the answer to a request that failed, by its own fault or by the model's."""
    return error.response if isinstance(error, RequestError) else failed(error)


async def respond(
    send: Send, response: Response, headers: Headers, unread: Receive | None = None
) -> None:
    """Send a response that is whole.

    A client that is still sending hears nothing if the connection is closed under it: what is
    `unread` of its body is read for a while, and dropped.
    """
    own = [
        (b"content-type", response.content_type.encode()),
        (b"content-length", b"%d" % len(response.body)),
    ]
    if unread:
        own.append((b"connection", b"close"))
    if response.retry_after:
        own.append((b"retry-after", b"%d" % response.retry_after))
    start = {"type": "http.response.start", "status": response.status, "headers": [*own, *headers]}
    await send(start)
    message = {"type": "http.response.body", "body": response.body}
    if unread:
        await send({**message, "more_body": True})
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while (await unread()).get("more_body", False):
                    pass
        message["body"] = b""
    await send(message)
