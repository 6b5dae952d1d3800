"""The queue in front of a model: requests that wait share predictions, and none waits too long."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from mldock.serving.inference import NO_ROWS, Inference, Task
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


@dataclass(slots=True, eq=False, kw_only=True)
class Entry(Task):
    """A request that waits."""

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
        self.is_busy = False
        # The event loop itself keeps no task.
        self.work: asyncio.Task[None] | None = None
        # What a request costs those behind it, in seconds.
        self.pace = 0.0
        self.is_typical = False
        # One, since not every model may be called twice at once; it starts with the first task.
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="predict")

    async def submit(self, request: Request) -> Response:
        """Wait for the answer to a request.

        Raises:
            RequestError: 503, so many requests wait that this one would wait too long.

        """
        seconds = (len(self.queue) + self.is_busy) * self.pace
        if seconds > self.max_wait:
            raise busy(len(self.queue), seconds)
        loop = asyncio.get_running_loop()
        entry = Entry(request, future=loop.create_future(), since=time.perf_counter())
        self.queue.append(entry)
        if not self.is_busy:
            self.is_busy = True
            loop.call_soon(self._begin, 1)
        return await entry.future

    def _begin(self, seen: int) -> None:
        """Begin a batch as soon as no more requests come in the same turn of the loop."""
        if seen < len(self.queue) < BATCH_REQUESTS:
            asyncio.get_running_loop().call_soon(self._begin, len(self.queue))
            return
        start = time.perf_counter()
        batch = self._next_batch(start - self.max_wait)
        # One that finds the model idle says nothing of how many it answers together.
        shares = self.inference.service.batch_invariant
        self.is_typical = bool(self.queue) or len(batch) > 1 or not shares
        # Nobody knows how large a compressed body is.
        size = sum(BATCH_BYTES if e.request.encoding else len(e.request.body) for e in batch)
        if size <= INLINE_BYTES and self.inference.seconds <= INLINE_SECONDS:
            self._predict(batch)
            self._end(batch, start)
        else:
            self.work = asyncio.create_task(self._predict_in_thread(batch, start))

    def _next_batch(self, oldest: float) -> list[Entry]:
        """Take those that are next; who has waited too long for others is told so."""
        batch: list[Entry] = []
        size = 0
        most = BATCH_REQUESTS if self.inference.service.batch_invariant else 1
        while self.queue and len(batch) < most:
            size += len(self.queue[0].request.body)
            if batch and size > BATCH_BYTES:
                break
            entry = self.queue.popleft()
            # One that was read shared a prediction already, which failed for another's fault.
            if entry.since < oldest and entry.table is NO_ROWS:
                waiting = len(self.queue)
                entry.resolve(busy(waiting, waiting * self.pace).response)
            else:
                batch.append(entry)
        return batch

    def _predict(self, batch: list[Entry]) -> None:
        try:
            self.inference.answer_some(batch)
        except BaseException as error:
            self._fail(batch, error)

    async def _predict_in_thread(self, batch: list[Entry], start: float) -> None:
        try:
            await run_limited(self.thread, self.timeout, self._predict, batch)
        except TooSlowError as error:
            # This worker ends. Those that wait get no answer, so that nginx asks another.
            for entry in batch:
                if entry.response or entry in self.inference.at_work:
                    entry.resolve(entry.response or error.response)
            return
        # There may be no thread.
        except BaseException as error:
            self._fail(batch, error)
        self._end(batch, start)

    def _fail(self, batch: list[Entry], error: BaseException) -> None:
        """Answer a batch after whatever has been raised: nobody may wait for ever."""
        response = failed(error)
        for entry in batch:
            entry.response = entry.response or replace(response)

    def _end(self, batch: list[Entry], start: float) -> None:
        """Hand out the answers, and go on: first with those of the batch that have none yet."""
        rest = []
        for entry in batch:
            if entry.response:
                entry.response.waited = start - entry.since
                entry.resolve(entry.response)
            else:
                rest.append(entry)
        self.queue.extendleft(reversed(rest))
        # Those that are wrong are told so in no time.
        if self.is_typical and any(entry.response and entry.response.rows for entry in batch):
            pace = (time.perf_counter() - start) / (len(batch) - len(rest))
            # Slow is often only the first time.
            self.pace = min(pace, self.pace + 0.2 * (pace - self.pace)) if self.pace else pace
        self.after_batch()
        if self.queue:
            asyncio.get_running_loop().call_soon(self._begin, len(self.queue))
        else:
            self.is_busy = False


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
