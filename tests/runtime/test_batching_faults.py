"""Clients that go, and models that panic or hang, while requests wait."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from container.prediction import batching
from container.prediction.messages import Request, Response
from tests.runtime.waiting import SLOW, Model, ask, run, slow_batcher


def test_client_that_has_gone() -> None:
    """Nobody waits for its answer, and the others get theirs."""
    model = Model(0.05)

    async def work() -> None:
        batcher = slow_batcher(model)
        tasks = [asyncio.create_task(ask(batcher, name)) for name in (b"a", b"b", b"c", b"d")]
        await asyncio.sleep(0.01)
        tasks[1].cancel()
        assert await tasks[0] == [b"a"]
        assert await asyncio.gather(*tasks[2:]) == [[b"c"], [b"d"]]
        assert await ask(batcher, b"e") == [b"e"]

    run(work)


class Panic(BaseException):
    """What a library in another language raises when it fails."""


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_model_that_panics(seconds: float) -> None:
    """The requests of its batch are told, and the next one is answered."""
    model = Model(seconds)

    def answer(requests: list[Request]) -> list[Response]:
        responses = model.answer(requests)
        if requests[0].body == b"panic":
            raise Panic
        return responses

    async def work() -> None:
        batcher = slow_batcher(model)
        batcher.answer = answer
        response = await asyncio.wait_for(batcher.submit(Request(b"panic")), 5)
        assert response.status == 500
        assert await asyncio.wait_for(ask(batcher, b"next"), 5) == [b"next"]

    run(work)


def test_model_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the timeout its clients are told, and the worker ends, since no thread can be."""
    signals: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *arguments: signals.append(arguments))
    monkeypatch.setattr(batching, "FAREWELL_SECONDS", 0.01)
    model = Model(SLOW)

    async def work() -> None:
        batcher = slow_batcher(model)
        batcher.timeout, model.seconds = 0.1, 0.5
        response = await batcher.submit(Request(b"a"))
        assert response.status == 504
        assert b"took longer than 0.1 s" in response.body
        assert b"MLDOCK_SERVER_TIMEOUT" in response.body
        await asyncio.sleep(0.1)

    run(work)
    assert signals == [(os.getpid(), signal.SIGKILL)]


def test_model_that_is_slow_but_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its worker lives on."""
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("the worker was killed"))
    model = Model(0.05)

    async def work() -> None:
        batcher = slow_batcher(model)
        batcher.timeout = 0.15
        for _ in range(5):
            assert await ask(batcher, b"a") == [b"a"]
        await asyncio.sleep(0.2)

    run(work)
