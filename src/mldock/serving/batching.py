"""The queue in front of a model: requests that wait share predictions, and none waits too long."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from mldock.serving.inference import Inference, Task
from mldock.serving.messages import Request, RequestError, Response, busy, failed
from mldock.serving.settings import ServerSettings

log = logging.getLogger("predict")

Result = TypeVar("Result")

# What takes longer than this in the event loop would make /ping and others wait: it runs in a
# thread, though the change of threads costs a fast model a third of its speed.
INLINE_SECONDS = 0.001
INLINE_BYTES = 32 * 1024

# A batch ends here; what comes later is in the next one.
BATCH_BYTES = 2**20
BATCH_REQUESTS = 1024

# Time for the last answers of a worker that ends itself.
KILL_DELAY = 0.2


@dataclass(slots=True)
class Entry:
    """A request that waits."""

    request: Request
    future: asyncio.Future[Response]
    since: float

    def resolve(self, response: Response) -> None:
        """Answer it, unless nobody waits for it because the client has gone."""
        if not self.future.done():
            self.future.set_result(response)


class Batcher:
    """Hands requests to a model, one batch at a time, without a timer.

    A request that finds the model idle is answered at once. Those that come while the model works
    wait, and are the next batch, so that batches grow with the load and cost nothing without it.
    A request may wait for `max_wait` seconds; a prediction may take `timeout` seconds.
    """

    def __init__(self, inference: Inference, settings: ServerSettings) -> None:
        self.inference = inference
        self.timeout, self.max_wait = settings.timeout, settings.max_wait
        self.after_batch: Callable[[], None] = lambda: None
        self.queue: deque[Entry] = deque()
        self.task: asyncio.Task[None] | None = None
        # Of a prediction, on average; and what a request costs those behind it.
        self.seconds = 0.0
        self.pace = 0.0
        # One, since not every model may be called twice at once; it starts with the first task.
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="predict")

    def warm_up(self, request: Request) -> Response:
        """Answer a request before the event loop runs."""
        [task] = self._timed(self.inference.steps([request]))
        return task.response or failed(RuntimeError("no answer"))

    async def submit(self, request: Request) -> Response:
        """Wait for the answer to a request.

        Raises:
            RequestError: 503, so many requests wait that this one would wait too long.

        """
        # One is being answered.
        seconds = (len(self.queue) + bool(self.task)) * self.pace
        if seconds > self.max_wait:
            raise busy(len(self.queue), seconds)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Response] = loop.create_future()
        self.queue.append(Entry(request, future, time.perf_counter()))
        if not self.task:
            self.task = loop.create_task(self._run())
        return await future

    async def _run(self) -> None:
        """Answer requests until none waits."""
        seen = 1
        while self.queue:
            # A batch begins as soon as no more requests come in the same turn of the loop.
            while seen < len(self.queue) < BATCH_REQUESTS:
                seen = len(self.queue)
                await asyncio.sleep(0)
            if batch := self._next_batch():
                try:
                    await self._answer(batch)
                except TooSlowError as error:
                    resolve(batch, error.response)
                    # This worker ends. Those that wait get no answer, so that nginx asks another.
                    return
                # Whatever a library raises, nobody may wait for ever.
                except BaseException as error:
                    resolve(batch, failed(error))
                self.after_batch()
            if self.queue:
                await asyncio.sleep(0)
            seen = len(self.queue)
        self.task = None

    def _next_batch(self) -> list[Entry]:
        """Take those that are next; who has waited too long is told so."""
        batch: list[Entry] = []
        size = 0
        most = BATCH_REQUESTS if self.inference.service.batch_invariant else 1
        oldest = time.perf_counter() - self.max_wait
        while self.queue and len(batch) < most:
            size += len(self.queue[0].request.body)
            if batch and size > BATCH_BYTES:
                break
            entry = self.queue.popleft()
            if entry.since < oldest:
                waiting = len(self.queue)
                entry.resolve(busy(waiting, waiting * self.pace).response)
            else:
                batch.append(entry)
        return batch

    async def _answer(self, batch: list[Entry]) -> None:
        """Answer a batch: here if that is quick, else in the thread; each as soon as possible."""
        requests = [entry.request for entry in batch]
        shares = self.inference.service.batch_invariant
        # Nobody knows how large a compressed body is.
        size = sum(BATCH_BYTES if one.encoding else len(one.body) for one in requests)
        is_quick = size <= INLINE_BYTES and self.seconds <= INLINE_SECONDS
        # One that finds the model idle says nothing of how many it answers together.
        is_typical = bool(self.queue) or len(batch) > 1 or not shares
        steps = self.inference.steps(requests)
        begin = start = time.perf_counter()
        unanswered = len(batch)
        while unanswered:
            if is_quick:
                step = self._timed(steps)
            else:
                step = await run_limited(self.thread, self.timeout, self._timed, steps)
            for task in step:
                if task.response:
                    task.response.waited = start - batch[task.index].since
                    batch[task.index].resolve(task.response)
            unanswered -= len(step)
            start = time.perf_counter()
        if is_typical:
            pace = (start - begin) / len(batch)
            # Slow is often only the first time.
            self.pace = min(pace, self.pace + 0.2 * (pace - self.pace)) if self.pace else pace

    def _timed(self, steps: Iterator[list[Task]]) -> list[Task]:
        """Predict once, and remember how long it takes; return those that are answered by it."""
        start = time.perf_counter()
        # One that ends before all are answered would be an error of ours.
        step = next(steps, None)
        if step is None:
            raise RuntimeError("a request has no answer")
        self.seconds += 0.2 * (time.perf_counter() - start - self.seconds)
        return step


def resolve(batch: list[Entry], response: Response) -> None:
    """Answer those of a batch that have no answer yet."""
    for entry in batch:
        entry.resolve(response)


class TooSlowError(RequestError):
    """A prediction that takes too long; this process ends in a moment."""


async def run_limited(
    thread: Executor, timeout: float, function: Callable[..., Result], *arguments: Any
) -> Result:
    """Run the model in its thread, and end this process if that takes too long.

    Nothing else ends a thread; gunicorn starts another worker.

    Raises:
        TooSlowError: It takes longer than `timeout` seconds.

    """
    loop = asyncio.get_running_loop()
    work = loop.run_in_executor(thread, function, *arguments)
    try:
        return await asyncio.wait_for(asyncio.shield(work), timeout)
    except TimeoutError as error:
        # The model may raise one, too.
        if work.done():
            return work.result()
        fault = (
            f"The prediction took longer than {timeout:g} s. "
            "Send fewer rows, or raise MLDOCK_SERVER_TIMEOUT."
        )
        log.error("%s This worker is replaced.", fault)
        # Not by a signal, which gunicorn would take for a lack of memory.
        loop.call_later(KILL_DELAY, os._exit, 0)
        raise TooSlowError(504, fault) from error
