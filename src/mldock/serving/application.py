"""The ASGI application: /ping and /invocations itself, all else through Flask.

The contract is SageMaker's for hosting: `GET /ping` returns whether the model can answer, `POST
/invocations` sends it rows.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson
from mldock.example import example
from mldock.lifecycle import ServingLifecycle
from mldock.serving.batching import Batcher
from mldock.serving.decoding import Decoder
from mldock.serving.inference import Inference
from mldock.serving.messages import (
    CLIENT_GONE,
    ECHOED,
    Receive,
    Request,
    RequestError,
    Response,
    Scope,
    Send,
    respond,
)
from mldock.serving.request_log import RequestLog
from mldock.serving.service import BaseService, StreamService
from mldock.serving.settings import ServerSettings
from mldock.serving.streaming import Streamer

ECHOED_NAMES = [name.lower().encode() for name in ECHOED]
REQUEST_ID = ECHOED_NAMES[0]

# What is fast is asked again, until its speed is known.
WARM_UPS = 5
WARM_UP_SECONDS = 0.1

# ASGI's extension by which a connection is closed at once.
ABORT = "mldock.abort"

log = logging.getLogger("serve")


class ClientGoneError(Exception):
    """The client closed the connection before its request was whole."""


# The owner's ServingContainer.
Container = TypeVar("Container", bound=ServingLifecycle)


class Readiness:
    """Whether every worker can predict: each leaves a file, which nginx can see.

    A server that was ready stays so: a worker takes requests only when it can predict, so that one
    that is being replaced is no reason to send them elsewhere.
    """

    def __init__(self, directory: Path, workers: int) -> None:
        self.directory = directory
        self.workers = workers
        self.is_ready = False

    def announce(self) -> None:
        """Note that this worker can predict; the last of them opens the server."""
        (self.directory / f"ready-{os.getpid()}").touch()
        if self.count() >= self.workers and not (self.directory / "draining").exists():
            (self.directory / "serving").touch()

    def fault(self) -> str:
        """Return why the server is not ready yet, or nothing."""
        self.is_ready = self.is_ready or (self.directory / "serving").exists()
        if self.is_ready:
            return ""
        return f"{self.count()} of {self.workers} workers are ready. Try again in a moment."

    def count(self) -> int:
        return len(list(self.directory.glob("ready-*")))


@dataclass(eq=False)
class Application(Generic[Container]):
    """The ASGI application of one worker, with its loaded model.

    Attributes:
        service: The `Service` of `src/prediction.py`, loaded.
        settings: The settings of the server: port, workers, timeout in seconds, largest body.
        readiness: Whether all workers can predict: `readiness.fault()` returns the reason why not,
            and an empty string where they can.
        container: The `ServingContainer` of `assets.py` in this worker, with whatever its
            `startup_worker` has set.
        routes: The paths that are answered without Flask.
        create_app: Makes the Flask application for all other paths, at the first request for one.

    """

    service: BaseService[Any, Any]
    settings: ServerSettings
    readiness: Readiness
    container: Container
    routes: Routes
    create_app: Callable[[Application[Container]], Any]

    def __post_init__(self) -> None:
        # Before the fork, so that workers share them.
        self.request_log = RequestLog(as_json=self.settings.stage == "prod")
        self.decoder = Decoder(self.service, self.settings.max_body_bytes)

    @cached_property
    def batcher(self) -> Batcher:
        """What waiting requests are answered by, made in the worker."""
        inference = Inference(self.service, self.decoder)  # type: ignore[arg-type]
        return Batcher(inference, self.settings)

    @cached_property
    def streamer(self) -> Streamer | None:
        """What answers part by part, if the model does."""
        if not isinstance(self.service, StreamService):
            return None
        return Streamer(self.service, self.decoder, self.settings)

    @cached_property
    def pages(self) -> Any:
        """Flask, for the rest; imported for the first that asks, since few servers need it."""
        from a2wsgi import WSGIMiddleware

        return WSGIMiddleware(self.create_app(self), workers=2)

    def prepare(self, after_batch: Callable[[], None]) -> None:
        """Make this worker ready for requests; `after_batch` runs after each prediction."""
        if not self.streamer:
            self.batcher.after_batch = after_batch
            self.warm_up()
        self.readiness.announce()

    def warm_up(self) -> None:
        """Predict an example a few times: what is slow at first is slow for nobody.

        A model that fails on an example that was guessed may be right about others, so that
        this is told and no more.
        """
        try:
            row = example(self.service.input_type)
        except ValueError as error:
            log.info("the model is not warmed up: %s", error)
            return
        end = time.perf_counter() + WARM_UP_SECONDS
        for _ in range(WARM_UPS):
            [response] = self.batcher.inference.answer([Request(orjson.dumps([row]))])
            if response.status != 200:
                log.warning("the model does not answer its example: %s", response.body.decode())
            if response.status != 200 or time.perf_counter() > end:
                return

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        prefix, method, path = self.settings.prefix, scope["method"], scope["path"]
        # A gateway has left it there; probes come without it.
        if prefix and path.startswith(f"{prefix}/"):
            path = scope["path"] = path.removeprefix(prefix)
        route = self.routes.get(path)
        if not route:
            await self.pages(scope, receive, send)
        elif method not in route.methods:
            allowed = ", ".join(route.methods)
            response = RequestError(405, f"{path} takes {allowed}, not {method}.").response
            await respond(send, response, [(b"allow", allowed.encode())])
        else:
            await route.answer(self, scope, receive, send)

    async def ping(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer 200 when all workers can predict, and 503 with the reason before."""
        fault = self.readiness.fault()
        response = RequestError(503, fault).response if fault else Response(b"")
        await respond(send, response, [])

    async def invoke(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        headers = dict(scope["headers"])
        if REQUEST_ID not in headers or not may_echo(headers[REQUEST_ID]):
            headers[REQUEST_ID] = os.urandom(8).hex().encode()
        echoed = [
            (name, headers[name])
            for name in ECHOED_NAMES
            if name in headers and may_echo(headers[name])
        ]
        try:
            request = Request(
                await self.read(headers, receive),
                headers.get(b"content-type", b"").decode("latin-1"),
                headers.get(b"accept", b"").decode("latin-1"),
                headers.get(b"content-encoding", b"").decode("latin-1"),
            )
            if self.streamer:
                abort = scope["extensions"][ABORT]
                response = await self.streamer.answer(request, receive, send, echoed, abort)
            else:
                response = await self.batcher.submit(request)
                await respond(send, response, echoed)
        except RequestError as error:
            response = error.response
            # The body may be on its way.
            await respond(send, response, echoed, receive if response.status == 413 else None)
        except ClientGoneError:
            response = Response(b"", status=CLIENT_GONE)
        self.request_log.observe(response, time.perf_counter() - start, headers[REQUEST_ID])

    async def read(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """Return the body, and stop reading as soon as it is known to be too large."""
        size = int(headers.get(b"content-length", b"0"))
        body = bytearray()
        more = True
        while more or len(body) > self.settings.max_body_bytes:
            if max(size, len(body)) > self.settings.max_body_bytes:
                raise RequestError(413, self.settings.too_large)
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            more = message.get("more_body", False)
            body += message["body"]
        return bytes(body)


@dataclass(frozen=True)
class Route:
    """A path that is answered without Flask.

    Attributes:
        methods: The HTTP methods that it takes; any other is answered with 405.
        answer: An ASGI application with the `Application` as its first argument.

    """

    methods: tuple[str, ...]
    answer: Callable[[Application[Any], Scope, Receive, Send], Awaitable[None]]


Routes = Mapping[str, Route]
"""The paths that are answered without Flask, and the `Route` of each."""

ping = Route(("GET", "HEAD"), Application.ping)
"""Answers 200 when every worker can predict, and 503 with the reason before."""

invocations = Route(("POST",), Application.invoke)
"""Answers rows with predictions, in the format of the request or of its `Accept` header."""


def may_echo(value: bytes) -> bool:
    """Return whether a header is harmless: SageMaker allows 1024 characters of ASCII."""
    return len(value) <= 1024 and value.isascii() and value.decode().isprintable()
