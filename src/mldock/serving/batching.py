"""One answer to all requests that wait, so that a model is asked once for many rows."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from mldock.serving.messages import Request, RequestError, Response, failed

log = logging.getLogger("predict")

# What takes longer than this in the event loop would let /ping and others wait: it runs in a
# thread, though the change of threads costs a fast model a third of its speed.
INLINE_SECONDS = 0.001
INLINE_BYTES = 32 * 1024

# A batch ends here; what comes later is in the next one.
BATCH_BYTES = 2**20
BATCH_REQUESTS = 1024

# Time for the last answers of a worker that is given up.
FAREWELL_SECONDS = 0.2

Answer = Callable[[list[Request]], list[Response]]
Batch = list[tuple[Request, "asyncio.Future[Response]"]]


class Batcher:
    """Hands requests to a model, one batch at a time, without a timer.

    A request that finds the model idle is answered at once. Those that come while the model works
    wait, and are the next batch, so that batches grow with the load and cost nothing without it.
    """

    def __init__(self, answer: Answer, timeout: float) -> None:
        self.answer = answer
        self.timeout = timeout
        self.after_batch: Callable[[], None] = lambda: None
        self.waiting: deque[tuple[Request, asyncio.Future[Response]]] = deque()
        self.busy = False
        self.seconds = 0.0
        # One, since not every model may be called twice at once; it starts with the first task.
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="predict")

    async def submit(self, request: Request) -> Response:
        """Wait for the answer to a request."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Response] = loop.create_future()
        self.waiting.append((request, future))
        if not self.busy:
            self.busy = True
            loop.call_soon(self.gather, loop, 1)
        return await future

    def gather(self, loop: asyncio.AbstractEventLoop, seen: int) -> None:
        """Start a batch as soon as no more requests come in the same turn of the loop."""
        if seen < len(self.waiting) < BATCH_REQUESTS:
            loop.call_soon(self.gather, loop, len(self.waiting))
        else:
            self.start(loop)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer the requests that wait: here if that is quick, else in the thread."""
        batch = self.take()
        requests = [request for request, _ in batch]
        # Nobody knows how large a compressed body is.
        size = sum(BATCH_BYTES if one.encoding else len(one.body) for one in requests)
        if size <= INLINE_BYTES and self.seconds <= INLINE_SECONDS:
            self.finish(loop, batch, self.measured(requests))
            return
        alarm = loop.call_later(self.timeout, self.give_up, loop, batch)
        work = loop.run_in_executor(self.thread, self.measured, requests)

        def done(work: asyncio.Future[list[Response]]) -> None:
            alarm.cancel()
            self.finish(loop, batch, work.result())

        work.add_done_callback(done)

    def take(self) -> Batch:
        """Take the next batch from those that wait."""
        batch = [self.waiting.popleft()]
        size = len(batch[0][0].body)
        while self.waiting and len(batch) < BATCH_REQUESTS:
            size += len(self.waiting[0][0].body)
            if size > BATCH_BYTES:
                break
            batch.append(self.waiting.popleft())
        return batch

    def measured(self, requests: list[Request]) -> list[Response]:
        """Answer, and remember how long small batches take."""
        start = time.perf_counter()
        try:
            responses = self.answer(requests)
        # Whatever a library raises, nobody may wait for ever.
        except BaseException as error:
            responses = [failed(error)] * len(requests)
        self.seconds += 0.2 * (time.perf_counter() - start - self.seconds)
        return responses

    def give_up(self, loop: asyncio.AbstractEventLoop, batch: Batch) -> None:
        """End this worker; those that wait get no answer, so that nginx asks another one."""
        response = RequestError(504, replace_worker(loop, self.timeout)).response
        for _, future in batch:
            if not future.done():
                future.set_result(response)

    def finish(
        self, loop: asyncio.AbstractEventLoop, batch: Batch, responses: list[Response]
    ) -> None:
        """Hand out the answers, and go on with what came meanwhile."""
        for (_, future), response in zip(batch, responses, strict=True):
            # Nobody waits for it if the client has gone.
            if not future.done():
                future.set_result(response)
        self.after_batch()
        if self.waiting:
            loop.call_soon(self.gather, loop, len(self.waiting))
        else:
            self.busy = False


def replace_worker(loop: asyncio.AbstractEventLoop, timeout: float) -> str:
    """End this process, since nothing else ends a thread; gunicorn starts another. Say why."""
    fault = (
        f"The prediction took longer than {timeout:g} s. "
        "Send fewer rows, or raise MLDOCK_SERVER_TIMEOUT."
    )
    log.error("%s This worker is replaced.", fault)
    loop.call_later(FAREWELL_SECONDS, os.kill, os.getpid(), signal.SIGKILL)
    return fault
