"""A model, and requests that wait for it in an event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from container.prediction.batching import Batcher
from container.prediction.messages import Request, Response

SLOW = 0.01


class Model:
    """Answers each body with itself, and notes what came together, and in which thread."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.batches: list[list[bytes]] = []
        self.threads: set[int] = set()
        self.now = 0

    def answer(self, requests: list[Request]) -> list[Response]:
        """Answer a batch."""
        self.now += 1
        assert self.now == 1, "two calls overlap"
        self.batches.append([request.body for request in requests])
        self.threads.add(threading.get_ident())
        time.sleep(self.seconds)
        self.now -= 1
        return [Response(request.body) for request in requests]


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in an event loop."""
    asyncio.run(asyncio.wait_for(work(), 20))


def slow_batcher(model: Model) -> Batcher:
    """Return a batcher that knows the model to be slow, as after its warm-up."""
    batcher = Batcher(model.answer, 10)
    for _ in range(5):
        batcher.measured([Request(b"warm")])
    model.batches.clear()
    model.threads.clear()
    return batcher


async def ask(batcher: Batcher, *names: bytes) -> list[bytes]:
    """Send requests at once."""
    return [r.body for r in await asyncio.gather(*(batcher.submit(Request(n)) for n in names))]
