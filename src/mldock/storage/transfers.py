"""Many files at a time, each tried again after a fault that may pass."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from mldock.errors import ContainerError, describe
from mldock.storage.progress import Progress
from mldock.storage.stores import Store

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Task = Callable[[], None]

WORKERS = 16

# In seconds. What fails is tried again for so long; then the transfer ends.
RETRY_TOTAL = 120.0
LONGEST_PAUSE = 15.0

# So long is waited for the threads of a transfer that has failed.
PATIENCE = 1.0


class AbandonedError(Exception):
    """The transfer has ended: another file failed, or the container is to stop."""


class UnreachableError(ContainerError):
    """The store has failed for as long as is tried; other files would fare no better."""


class Transfer:
    """A number of files on their way from or to a store."""

    def __init__(self, store: Store, title: str) -> None:
        self.store = store
        self.title = title
        self.failures: list[BaseException] = []
        self.ended = threading.Event()
        self.folders: set[Path] = set()

    def attempt(self, action: Callable[[], Result], about: str = "") -> Result:
        """Do something with the store or the disk, again and again while that may help.

        Args:
            action: What is to be done; it may be done in part before.
            about: The file that it is about, to be named where it fails.

        Raises:
            ContainerError: It fails for good; the message names the remedy.
            AbandonedError: The transfer has ended in the meantime.

        """
        pause, give_up = 0.5, 0.0
        while True:
            try:
                return action()
            except (AbandonedError, ContainerError):
                raise
            except Exception as error:
                if self.ended.is_set():
                    raise AbandonedError from error
                remedy, now = self.store.remedy(error), time.monotonic()
                reason = self.store.reason(error).rstrip(".")
                reason = f"{about}: {reason}" if about else reason
                give_up = give_up or now + RETRY_TOTAL
                if remedy is not None:
                    raise ContainerError(f"{reason}. {remedy}".strip()) from error
                if now >= give_up:
                    told = (
                        f"{reason}. Tried for {RETRY_TOTAL:.0f} s: is the store up, and reachable?"
                    )
                    raise UnreachableError(told) from error
                # Many workers that failed together must not come back together.
                delay = random.uniform(pause / 2, pause)
                log.warning("%s: %s; again in %.1f s", self.title, reason, delay)
                if self.ended.wait(delay):
                    raise AbandonedError from error
                pause = min(2 * pause, LONGEST_PAUSE)

    def run(self, tasks: Iterable[Task], size: int, *, to_the_end: bool = False) -> None:
        """Carry out tasks that move `size` bytes: all of them, or up to the first failure.

        Raises:
            ContainerError: Tasks have failed.

        """
        self.progress = Progress(self.title, size)
        waiting, lock = iter(tasks), threading.Lock()

        def work() -> None:
            while not self.ended.is_set():
                try:
                    with lock:
                        task = next(waiting, None)
                    if task is None:
                        return
                    task()
                except BaseException as error:
                    self.failures.append(error)
                    if not to_the_end or isinstance(error, UnreachableError):
                        self.ended.set()

        # The interpreter does not wait for daemons: one may hang in a read for a minute.
        threads = [threading.Thread(target=work, daemon=True) for _ in range(WORKERS)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive() and not self.ended.is_set():
                    thread.join(0.1)
        finally:
            # Whatever leads here, a signal too, the threads end with the next bytes they move.
            self.ended.set()
            leave = time.monotonic() + PATIENCE
            for thread in threads:
                if thread.ident:
                    thread.join(max(0.0, leave - time.monotonic()))
            self.progress.close()
        self.tell_failures()

    def make_folder(self, folder: Path) -> None:
        """Make a folder, once: the disk need not be asked for each file in it."""
        if folder not in self.folders:
            folder.mkdir(parents=True, exist_ok=True)
            self.folders.add(folder)

    def advance(self, count: int) -> None:
        """Note how many bytes more have moved."""
        if self.ended.is_set():
            raise AbandonedError
        self.progress.advance(count)

    def tell_failures(self) -> None:
        """Raise what the tasks have failed of, as one error."""
        causes = [error for error in self.failures if not isinstance(error, AbandonedError)]
        if not causes:
            return
        told = list(dict.fromkeys(describe(error) for error in causes))
        more = f"; and {len(told) - 3} more" if len(told) > 3 else ""
        raise ContainerError("; ".join(told[:3]) + more) from causes[0]
