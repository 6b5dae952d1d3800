"""Requests that wait: answered together, in order, while the event loop stays free."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from mldock.serving import Decoders, ModelService
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


def read_slowly(body: bytes) -> list[Text]:
    """Return a row, late."""
    time.sleep(SLOW)
    return [Text(text=body.decode())]


class Odd(Model):
    """Fails at some texts, and takes a while for others."""

    decoders: ClassVar[Decoders] = {"text/slow": read_slowly}

    def predict(self, rows: Sequence[Text]) -> Sequence[Text]:
        """Answer a batch."""
        texts = [row.text for row in super().predict(rows)]
        if "panic" in texts:
            raise Panic
        if "hang" in texts:
            time.sleep(2)
        self.thread = threading.current_thread()
        return rows


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_model_that_panics(seconds: float) -> None:
    """It fails one request and none beside it, and the next is answered."""
    model = Odd(seconds)

    async def work() -> None:
        batcher = slow_batcher(model)
        bodies = [request("panic"), request("other"), Request(b"{")]
        responses = await asyncio.gather(*map(batcher.submit, bodies))
        assert [response.status for response in responses] == [500, 200, 400]
        assert await ask(batcher, "next") == ["next"]

    run(work)


def test_wrong_request_waits_for_no_prediction() -> None:
    """It is answered at once, and says nothing of the time that predictions take."""
    model = Model(SLOW)

    async def work() -> None:
        batcher = slow_batcher(model)
        await ask(batcher, "a", "b")
        pace = batcher.pace
        model.gate.clear()
        right = asyncio.create_task(ask(batcher, "c", "d"))
        wrong = [batcher.submit(Request(body)) for body in (b"{", b'{"text": 1}')]
        responses = asyncio.gather(*wrong)
        await asyncio.wait_for(responses, 5)
        assert not right.done()
        model.gate.set()
        assert [response.status for response in responses.result()] == [400, 422]
        assert await right == ["c", "d"]
        assert batcher.pace > pace / 2

    run(work)


def test_slow_decoder_leaves_the_event_loop_free() -> None:
    """A model that is quick behind a slow decoder works in the thread, too."""
    model = Odd()

    async def work() -> None:
        batcher = make_batcher(model)
        for _ in range(3):
            await batcher.submit(Request(b"-", "text/slow"))

    run(work)
    assert model.thread is not threading.main_thread()


def test_prediction_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose it is, is told so; others get no answer from this worker, so that another is asked."""
    model = Odd(SLOW)
    monkeypatch.setattr(os, "_exit", lambda _: None)

    async def work() -> None:
        batcher = slow_batcher(model)
        batcher.timeout = 1
        batcher.inference.row_seconds = 0.4
        bodies = [Request(b"{"), request("hang"), request("other"), request("third")]
        tasks = [asyncio.create_task(batcher.submit(body)) for body in bodies]
        done, waiting = await asyncio.wait(tasks, timeout=1.5)
        assert [task.result().status for task in tasks if task in done] == [400, 504, 504]
        assert waiting == {tasks[3]}
        waiting.pop().cancel()

    run(work)


def test_thread_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is told, and later ones are answered when threads are to be had again."""
    model = Model(SLOW)

    async def work() -> None:
        batcher = slow_batcher(model)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", lambda _: next(iter(())))
            response = await batcher.submit(request("a"))
        assert response.status == 500
        assert await ask(batcher, "b") == ["b"]

    run(work)
