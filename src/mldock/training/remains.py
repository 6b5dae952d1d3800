"""What keeps the trainer's process from its end: it is named, and after SIGTERM ended.

This runs in the trainer's process, in a thread that starts when there is an end to wait for: a
thread beside the trainer's own would be in the way of its forks.
"""

from __future__ import annotations

import _thread
import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from mldock.training.tree import describe, find_children, send

log = logging.getLogger("train")

# In seconds, until what is alive is named.
NAMING_TIME = 10.0


def watch_return(limit: float) -> None:
    """Name what is alive some time after `train` has returned; the job ends it after `limit`."""
    patience, end = min(NAMING_TIME, limit / 2), f"{limit:.0f} s after that (MLDOCK_EXIT_TIMEOUT)"
    _thread.start_new_thread(
        name_remains, (patience, f"train() has returned. What is still alive is ended {end}")
    )


def watch_stop(limit: float) -> None:
    """End the children of a trainer that was asked to stop, and has `limit` seconds for it."""
    # Of this module, since the handler of a signal must not wait for a lock of `threading`.
    _thread.start_new_thread(end_children, (limit,))


def name_remains(seconds: float, what: str) -> dict[int, str]:
    """Name what is alive after some time, and return the processes."""
    time.sleep(seconds)
    children = find_children(os.getpid(), daemons())
    threads = [
        f"thread {thread.name!r}"
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.main_thread()
    ]
    names = [*threads, *describe(children)] or ["its main thread"]
    log.warning("%s: %s", what, ", ".join(names))
    return children


def end_children(limit: float) -> None:
    """Send SIGTERM to those that the trainer waits for at once, to the others later; then SIGKILL.

    Not to daemons, such as the workers of a DataLoader: they end with the trainer, and torch takes
    the end of one for a failure, amid what the trainer may be saving. Nor at once to a Manager,
    which may hold what that is.
    """
    for child in multiprocessing_children():
        if not child.daemon and "Manager-" not in child.name:
            child.terminate()
    patience = min(NAMING_TIME, limit / 3)
    what = f"the trainer was asked to stop. What is still alive is ended {limit:.0f} s after that"
    send(name_remains(patience, what), signal.SIGTERM)
    time.sleep(patience)
    send(find_children(os.getpid(), daemons()), signal.SIGKILL)


def multiprocessing_children() -> list[Any]:
    """Return the children of `multiprocessing`, and of what is built on it."""
    module = sys.modules.get("multiprocessing.process")
    return list(module.active_children()) if module else []


def daemons() -> list[int]:
    """Return the children that end with this process."""
    return [child.pid for child in multiprocessing_children() if child.daemon]
