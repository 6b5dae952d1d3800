"""One end of the connection between two hosts, and what a host has said of itself."""

from __future__ import annotations

import logging
import socket
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from threading import Event, Thread

log = logging.getLogger(__name__)

# In seconds: how long a host waits for the network before it looks around.
TICK = 0.2

# Of bytes without an end of line; no host says so much.
LONGEST = 10_000


class Peer:
    """A connection that carries lines of text."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.connection.settimeout(10)
        self.received = b""
        # A machine that has gone without a word is noticed within half a minute.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, name):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def fileno(self) -> int:
        """Let a selector wait for it."""
        return self.connection.fileno()

    def say(self, line: str) -> None:
        """Send a line; one who has gone does not hear it."""
        with suppress(OSError):
            self.connection.sendall(f"{line}\n".encode())

    def hear(self) -> list[str] | None:
        """Return the lines that have come, maybe none yet; None when the other has gone."""
        try:
            part = self.connection.recv(LONGEST)
        except OSError:
            return None
        *lines, self.received = (self.received + part).split(b"\n")
        if not part or len(self.received) > LONGEST:
            return None
        return [line.decode(errors="replace") for line in lines]

    def close(self) -> None:
        """Go."""
        self.connection.close()


class Member(ABC, Thread):
    """This host, as the others see it: a thread that talks, beside the job that works.

    Attributes:
        state: `ready`, then `saved`, `stopped` or `failed` with the reason, set by the job.
        begun: All hosts are there.
        ended: All have saved their results, or the job has failed.
        failure: Why the job has failed, once it has.
        until: How long the meeting may take, on the monotonic clock.

    """

    def __init__(self, name: str, port: int, patience: float) -> None:
        super().__init__(name="hosts", daemon=True)
        self.host, self.port, self.patience = name, port, patience
        self.state = "ready"
        self.begun, self.ended = Event(), Event()
        self.failure = ""
        self.until = time.monotonic()
        self.leaving = Event()

    def run(self) -> None:
        """Talk until the end; whatever goes wrong with it, the job must not wait for ever."""
        try:
            self.talk()
        except Exception as error:
            log.exception("the hosts cannot talk")
            self.fail(f"the host {self.host} cannot talk to the others: {error!r}.")

    @abstractmethod
    def talk(self) -> None:
        """Talk until this host leaves."""

    def fail(self, failure: str) -> None:
        """Note why the job has failed, and wait for nothing more; the first cause counts."""
        self.failure = self.failure or failure
        self.begun.set()
        self.ended.set()

    @property
    def is_stopping(self) -> bool:
        """Whether the platform stops this host, so that it misses nobody."""
        return self.state == "stopped"
