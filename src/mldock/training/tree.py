"""The processes that a trainer has started: those of its session, and their descendants.

They are found in /proc. macOS has none; there the trainer's process group gets the signals.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from mldock.logs import redact

log = logging.getLogger("train")

PROC = Path("/proc")

# It ends with the process that it works for, and not before: it removes what that leaves behind.
HELPER = "resource_tracker import main"


def find_children(session: int, but: Collection[int] = ()) -> dict[int, str]:
    """Return the commands of the processes of a session by pid, without its leader.

    Args:
        session: The pid of its leader, which may have ended.
        but: Those to leave out, with their descendants.

    """
    parents: dict[int, int] = {}
    found = set()
    for path in PROC.glob("[0-9]*/stat"):
        # It may end at any moment. The name of a program may hold anything.
        with suppress(OSError):
            facts = path.read_bytes().rpartition(b")")[2].split()
            if facts[0] not in (b"Z", b"X"):
                pid = int(path.parent.name)
                parents[pid] = int(facts[1])
                if int(facts[3]) == session:
                    found.add(pid)
    while more := {pid for pid in parents if parents[pid] in found} - found:
        found |= more
    out = set(but)
    while more := {pid for pid in parents if parents[pid] in out} - out:
        out |= more
    commands = {pid: command_of(pid) for pid in sorted(found - out - {session})}
    return {pid: command for pid, command in commands.items() if HELPER not in command}


def command_of(pid: int) -> str:
    """Return the command line of a process, without secrets."""
    words = b""
    with suppress(OSError):
        words = (PROC / str(pid) / "cmdline").read_bytes()
    return redact(" ".join(words.decode(errors="replace").replace("\0", " ").split()))


def describe(processes: dict[int, str]) -> list[str]:
    """Return a few words on each of the first processes."""
    texts = [f"process {pid} ({command[:80]})" for pid, command in [*processes.items()][:8]]
    return texts + [f"{len(processes) - 8} more processes"] * (len(processes) > 8)


def send(processes: Collection[int], number: int) -> None:
    """Send a signal to processes."""
    for pid in processes:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end_session(session: int, seconds: float) -> None:
    """End what is left of a session whose leader has ended, by SIGKILL after some time."""
    if not PROC.exists():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(session, signal.SIGKILL)
        return
    # Most end with their parent.
    left = wait_for_end(session, 0.3)
    if not left:
        return
    log.warning("the trainer has left behind what is ended now: %s", ", ".join(describe(left)))
    send(left, signal.SIGTERM)
    # Again, for what one of them has started in the meantime.
    for _ in range(3):
        if not (left := wait_for_end(session, seconds)):
            return
        log.warning("killed, since SIGTERM did not end it: %s", ", ".join(describe(left)))
        send(left, signal.SIGKILL)
        seconds = 1


def wait_for_end(session: int, seconds: float) -> dict[int, str]:
    """Wait some time for the end of the processes of a session, and return those that are left."""
    deadline = time.monotonic() + seconds
    while (left := find_children(session)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
