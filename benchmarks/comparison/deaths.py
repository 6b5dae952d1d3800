"""Workers are killed while requests come: how many requests get no answer."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.process import birth, cpu_ticks, tree

# Seconds: of load before a worker is killed, and until another one has to be in its place.
BEFORE = 1.0
REPLACED = 30.0


@dataclass(frozen=True)
class Deaths:
    """What came of it: workers killed, those that another has replaced, requests and losses."""

    killed: int
    replaced: int
    requests: int
    lost: int
    reasons: dict[str, int]


def kill_workers(server: int, clients: int, times: int, ask: Callable[[], None]) -> Deaths:
    """Kill the busiest worker again and again while clients ask without a pause.

    Each request has a connection of its own, so that one which a worker held open is not lost with
    it; `ask` raises an OSError for each answer that is no 200, and for none at all.

    Args:
        server: The process that was started.
        clients: How many ask at the same time.
        times: How many workers are killed.
        ask: Sends a request.

    """
    counts: Counter[str] = Counter()
    over = threading.Event()

    def client() -> None:
        while not over.is_set():
            try:
                ask()
                counts["answered"] += 1
            except OSError as error:
                counts[type(error).__name__ if error.errno else str(error)] += 1
                # Who is refused asks again a moment later, as a client would.
                time.sleep(0.02)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    killed = replaced = 0
    try:
        for _ in range(times):
            before = {pid: cpu_ticks(pid) for pid in leaves(server)}
            time.sleep(BEFORE)
            busiest = max(before, key=lambda pid: cpu_ticks(pid) - before[pid])
            with suppress(ProcessLookupError):
                os.kill(busiest, signal.SIGKILL)
                killed += 1
            if not is_replaced(server, busiest, len(before)):
                break
            replaced += 1
        time.sleep(BEFORE)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    answered = counts.pop("answered", 0)
    return Deaths(killed, replaced, answered + counts.total(), counts.total(), dict(counts))


def leaves(server: int) -> list[int]:
    """Return the processes without children: those that predict are among them, nginx is not."""
    pids = [pid for pid in tree(server) if tree(pid) == [pid] and birth(pid)]
    return [pid for pid in pids if "nginx" not in name(pid)]


def is_replaced(server: int, pid: int, number: int) -> bool:
    """Wait until there are as many processes as before the death of one."""
    deadline = time.monotonic() + REPLACED
    while time.monotonic() < deadline:
        now = leaves(server)
        if pid not in now and len(now) >= number:
            return True
        time.sleep(0.1)
    return False


def name(pid: int) -> str:
    """Return the name of a process; empty when it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text("utf-8")
    return ""
