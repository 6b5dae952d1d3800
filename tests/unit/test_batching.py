"""Requests that wait: answered together, in order, while the event loop stays free."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from mldock.serving.batching import Batcher
from mldock.serving.inference import Inference, Task
from mldock.serving.messages import Request, Response
from mldock.serving.settings import read_settings

SLOW = 0.01


class Model:
    """Answers each body with itself, when its gate is open, and notes what came together."""

    batch_invariant = True

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.batches: list[list[bytes]] = []
        self.now = 0
        self.gate = threading.Event()
        self.gate.set()

    @property
    def service(self) -> Model:
        """The batcher asks whether requests may be joined."""
        return self

    def steps(self, requests: Sequence[Request]) -> Iterator[list[Task]]:
        """Answer a batch by one prediction."""
        yield [
            Task(index, response=response)
            for index, (request, response) in enumerate(
                zip(requests, self.answer(requests), strict=True)
            )
        ]

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer a batch."""
        self.now += 1
        assert self.now == 1, "two calls overlap"
        self.batches.append([request.body for request in requests])
        time.sleep(self.seconds)
        assert self.gate.wait(100)
        self.now -= 1
        return [Response(request.body) for request in requests]


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in an event loop."""
    asyncio.run(asyncio.wait_for(work(), 20))


def make_batcher(model: Model) -> Batcher:
    """Return a batcher of a model."""
    settings = replace(read_settings({}), timeout=10, max_wait=10)
    return Batcher(cast(Inference, model), settings)


def slow_batcher(model: Model) -> Batcher:
    """Return a batcher that knows the model to be slow, as after its warm-up."""
    batcher = make_batcher(model)
    for _ in range(5):
        batcher.warm_up(Request(b"warm"))
    model.batches.clear()
    return batcher


async def ask(batcher: Batcher, *names: bytes) -> list[bytes]:
    """Send requests at once."""
    return [r.body for r in await asyncio.gather(*(batcher.submit(Request(n)) for n in names))]


def test_requests_of_one_moment_are_one_batch() -> None:
    """They come in the same turn of the loop, so that nobody waits for a timer."""
    model = Model()
    names = [b"%d" % number for number in range(64)]

    async def work() -> None:
        assert await ask(make_batcher(model), *names) == names

    run(work)
    assert model.batches == [names]


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_idle_model_answers_at_once(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without load nothing is batched, one comes after the other, and no timer is waited for."""
    model = Model(seconds)

    async def work() -> None:
        batcher, loop = slow_batcher(model), asyncio.get_running_loop()
        call_later, timers = loop.call_later, {}

        def noting(delay: float, *arguments: Any) -> asyncio.TimerHandle:
            timers[delay] = call_later(delay, *arguments)
            return timers[delay]

        monkeypatch.setattr(loop, "call_later", noting)
        for name in (b"a", b"b", b"c"):
            assert await ask(batcher, name) == [name]
        # But for the alarm of a model that hangs, which is over with the answer.
        assert timers.keys() <= {batcher.timeout}
        assert all(timer.cancelled() for timer in timers.values())

    run(work)
    assert model.batches == [[b"a"], [b"b"], [b"c"]]


def test_what_waits_is_the_next_batch() -> None:
    """While the model works requests gather, in the order in which they came."""
    model = Model(SLOW)
    names = [b"%d" % number for number in range(10)]

    async def work() -> None:
        batcher = slow_batcher(model)
        model.gate.clear()
        tasks = []
        for name in (b"first", *names):
            tasks.append(asyncio.create_task(ask(batcher, name)))
            await asyncio.sleep(0.02)
        model.gate.set()
        assert await asyncio.gather(*tasks) == [[b"first"], *([name] for name in names)]

    run(work)
    assert model.batches == [[b"first"], names]


class Panic(BaseException):
    """What a library in another language raises when it fails."""


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_model_that_panics(seconds: float) -> None:
    """The requests of its batch are told, and the next one is answered."""

    class Panicking(Model):
        def answer(self, requests: Sequence[Request]) -> list[Response]:
            responses = super().answer(requests)
            if requests[0].body == b"panic":
                raise Panic
            return responses

    model = Panicking(seconds)

    async def work() -> None:
        batcher = slow_batcher(model)
        response = await asyncio.wait_for(batcher.submit(Request(b"panic")), 5)
        assert response.status == 500
        assert await asyncio.wait_for(ask(batcher, b"next"), 5) == [b"next"]

    run(work)
