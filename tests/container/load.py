"""Clients that ask without a pause, and note each answer that is wrong or does not come."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.container.messages import PATIENCE, Answer, Request, read_answer, row


@dataclass
class Report:
    """What became of the requests.

    Attributes:
        statuses: How many answers came with each status.
        wrong: The answers that are not right for their request.
        failures: The requests to which no answer came, or not the whole of one, with the time.
        refused: How many connections nobody took, or nobody answered on.
        told_to_close: How many answers said that the connection ends.
        seconds: How long each answer took, of the latest.

    """

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[Answer] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    refused: int = 0
    told_to_close: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=2**17))

    @property
    def faults(self) -> list[str]:
        """What no client should see, a few of each kind."""
        wrong = [f"{answer.status} {answer.body[:200]!r}" for answer in self.wrong[:5]]
        refused = [f"{self.refused} connections refused"] * bool(self.refused)
        return self.failures[:5] + wrong + refused


class Load:
    """So many clients, each on a connection of its own, for as long as the block runs.

    A client whose connection ends makes a new one if `reconnect`, else it stops.
    """

    def __init__(
        self,
        address: tuple[str, int],
        make: Callable[[int], Request] | None = None,
        clients: int = 64,
        reconnect: bool = True,
    ) -> None:
        self.report = Report()
        self.address = address
        self.make = make or row
        self.clients = clients
        self.reconnect = reconnect
        self.numbers = itertools.count()
        self.stopping = False
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    def __enter__(self) -> Load:
        """Start the clients."""
        self.started = time.monotonic()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the clients read their last answer."""
        self.stopping = True
        self.thread.join()

    def wait_for(self, count: int, status: int = 200) -> None:
        """Wait until so many more answers have come with a status."""
        until = self.report.statuses[status] + count
        deadline = time.monotonic() + PATIENCE
        while self.report.statuses[status] < until:
            assert time.monotonic() < deadline, (self.report.statuses, self.report.faults)
            time.sleep(0.01)

    async def run(self) -> None:
        """Let the clients ask until they are stopped."""
        tasks = [asyncio.create_task(self.ask_on()) for _ in range(self.clients)]
        while not self.stopping and not all(task.done() for task in tasks):
            await asyncio.sleep(0.05)
        done, late = await asyncio.wait(tasks, timeout=PATIENCE)
        for task in late:
            self.fail("no answer")
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await asyncio.gather(*done)

    async def ask_on(self) -> None:
        """Ask on one connection after the other."""
        while not self.stopping:
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection(*self.address), 1)
            except (TimeoutError, OSError):
                self.report.refused += 1
                await asyncio.sleep(0.05)
            else:
                try:
                    await self.ask_on_one(reader, writer)
                finally:
                    writer.close()
                    with contextlib.suppress(OSError):
                        await writer.wait_closed()
            if not self.reconnect:
                break

    async def ask_on_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask on a connection until it ends."""
        goes_on = first = True
        while goes_on and not self.stopping:
            request, start = self.make(next(self.numbers)), time.monotonic()
            writer.write(request.raw)
            try:
                answer = await read_answer(reader)
            except (OSError, EOFError) as error:
                if first and not getattr(error, "partial", b""):
                    # The kernel took the connection, but no server before it stopped listening.
                    self.report.refused += 1
                else:
                    self.fail(repr(error))
                break
            first = False
            self.report.seconds.append(time.monotonic() - start)
            self.report.statuses[answer.status] += 1
            if not request.is_right(answer):
                self.report.wrong.append(answer)
            goes_on = answer.headers.get("connection", "").lower() != "close"
            self.report.told_to_close += not goes_on

    def fail(self, reason: str) -> None:
        """Note a request without an answer."""
        self.report.failures.append(f"after {time.monotonic() - self.started:.3f} s: {reason}")
