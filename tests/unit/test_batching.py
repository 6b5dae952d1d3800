"""Requests that wait: answered together, in order, while the event loop stays free."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mldock.serving import ModelService
from mldock.serving.batching import Batcher
from mldock.serving.decoding import Decoder
from mldock.serving.inference import Inference
from mldock.serving.messages import Request
from mldock.serving.settings import read_settings
from pydantic import BaseModel

SLOW = 0.01


class Text(BaseModel):
    """A row, and the answer to it."""

    text: str


class Model(ModelService[Text, Text]):
    """Answers each text with itself, when its gate is open, and notes what came together."""

    input_type = output_type = Text
    batch_invariant = True

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.batches: list[list[str]] = []
        self.now = 0
        self.gate = threading.Event()
        self.gate.set()

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, rows: Sequence[Text]) -> Sequence[Text]:
        """Answer a batch."""
        self.now += 1
        assert self.now == 1, "two calls overlap"
        self.batches.append([row.text for row in rows])
        time.sleep(self.seconds)
        assert self.gate.wait(100)
        self.now -= 1
        return rows


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in an event loop."""
    asyncio.run(asyncio.wait_for(work(), 20))


def make_batcher(model: Model) -> Batcher:
    """Return a batcher of a model."""
    settings = replace(read_settings({}), timeout=10, max_wait=10)
    return Batcher(Inference(model, Decoder(model, 2**20)), settings)


def slow_batcher(model: Model) -> Batcher:
    """Return a batcher that knows the model to be slow, as after its warm-up."""
    batcher = make_batcher(model)
    for _ in range(5):
        batcher.inference.answer([request("warm")])
    model.batches.clear()
    return batcher


def request(name: str) -> Request:
    """Ask for the answer to one text."""
    return Request(json.dumps({"text": name}).encode())


async def ask(batcher: Batcher, *names: str) -> list[str]:
    """Send requests at once."""
    responses = await asyncio.gather(*(batcher.submit(request(name)) for name in names))
    return [json.loads(response.body)["text"] for response in responses]


def test_requests_of_one_moment_are_one_batch() -> None:
    """They come in the same turn of the loop, so that nobody waits for a timer."""
    model = Model()
    names = [str(number) for number in range(64)]

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
        for name in ("a", "b", "c"):
            assert await ask(batcher, name) == [name]
        # But for the alarm of a model that hangs, which is over with the answer.
        assert timers.keys() <= {batcher.timeout}
        assert all(timer.cancelled() for timer in timers.values())

    run(work)
    assert model.batches == [["a"], ["b"], ["c"]]


def test_what_waits_is_the_next_batch() -> None:
    """While the model works requests gather, in the order in which they came."""
    model = Model(SLOW)
    names = [str(number) for number in range(10)]

    async def work() -> None:
        batcher = slow_batcher(model)
        model.gate.clear()
        tasks = []
        for name in ("first", *names):
            tasks.append(asyncio.create_task(ask(batcher, name)))
            await asyncio.sleep(0.02)
        model.gate.set()
        assert await asyncio.gather(*tasks) == [["first"], *([name] for name in names)]

    run(work)
    assert model.batches == [["first"], names]


class Panic(BaseException):
    """What a library in another language raises when it fails."""


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_model_that_panics(seconds: float) -> None:
    """The requests of its batch are told, and the next one is answered."""

    class Panicking(Model):
        def predict(self, rows: Sequence[Text]) -> Sequence[Text]:
            answers = super().predict(rows)
            if rows[0].text == "panic":
                raise Panic
            return answers

    model = Panicking(seconds)

    async def work() -> None:
        batcher = slow_batcher(model)
        response = await asyncio.wait_for(batcher.submit(request("panic")), 5)
        assert response.status == 500
        assert await asyncio.wait_for(ask(batcher, "next"), 5) == ["next"]

    run(work)
