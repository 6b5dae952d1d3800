"""Requests that wait: answered together, in order, while the event loop stays free."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from container.prediction.batching import BATCH_BYTES, BATCH_REQUESTS, Batcher
from tests.runtime.waiting import Model, ask, run, slow_batcher

SLOW = 0.01


def test_requests_of_one_moment_are_one_batch() -> None:
    """They come in the same turn of the loop, so that nobody waits for a timer."""
    model = Model()
    names = [b"%d" % number for number in range(64)]

    async def work() -> None:
        assert await ask(Batcher(model.answer, 10), *names) == names

    run(work)
    assert model.batches == [names]


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_idle_model_answers_at_once(seconds: float) -> None:
    """Without load nothing is batched: one after the other."""
    model = Model(seconds)

    async def work() -> None:
        batcher = slow_batcher(model)
        for name in (b"a", b"b", b"c"):
            assert await ask(batcher, name) == [name]

    run(work)
    assert model.batches == [[b"a"], [b"b"], [b"c"]]


def test_what_waits_is_the_next_batch() -> None:
    """While the model works requests gather, in the order in which they came."""
    model = Model(0.1)

    async def work() -> None:
        batcher = slow_batcher(model)
        first = asyncio.create_task(ask(batcher, b"first"))
        await asyncio.sleep(0.02)
        rest = []
        for number in range(10):
            rest.append(asyncio.create_task(ask(batcher, b"%d" % number)))
            await asyncio.sleep(0.002)
        assert await first == [b"first"]
        assert await asyncio.gather(*rest) == [[b"%d" % number] for number in range(10)]

    run(work)
    assert model.batches == [[b"first"], [b"%d" % number for number in range(10)]]


def test_slow_model_leaves_the_loop_free() -> None:
    """It works in one thread of its own; the loop goes on meanwhile."""
    model = Model(0.2)

    async def work() -> None:
        batcher = slow_batcher(model)
        answers = asyncio.create_task(ask(batcher, b"a"))
        longest = 0.0
        while not answers.done():
            start = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - start)
        await ask(batcher, b"b")
        assert longest < 0.15

    run(work)
    assert len(model.threads) == 1
    assert threading.get_ident() not in model.threads


def test_fast_model_needs_no_thread() -> None:
    """A change of threads would cost more than its answer."""
    model = Model()

    async def work() -> None:
        batcher = slow_batcher(model)
        for _ in range(20):
            # Whatever else the machine does meanwhile.
            batcher.seconds = 0
            await ask(batcher, b"a")

    run(work)
    assert model.threads == {threading.get_ident()}


def test_large_body_goes_to_the_thread() -> None:
    """To read it takes long, even if the model is fast."""
    model = Model()

    async def work() -> None:
        await ask(Batcher(model.answer, 10), b"x" * BATCH_BYTES)

    run(work)
    assert threading.get_ident() not in model.threads


def test_batch_has_a_limit() -> None:
    """Of requests and of bytes; one that is larger is alone."""
    model = Model()
    many = [b"%d" % number for number in range(BATCH_REQUESTS + 1)]
    large = [b"x" * (BATCH_BYTES // 2)] * 3 + [b"y" * (2 * BATCH_BYTES)] * 2

    async def work() -> None:
        assert await ask(Batcher(model.answer, 10), *many) == many
        assert await ask(Batcher(model.answer, 10), *large) == large

    run(work)
    assert [len(batch) for batch in model.batches] == [BATCH_REQUESTS, 1, 2, 1, 1, 1]
