"""The hosts of one job: they begin together, and each waits until the last has saved its results.

Some launchers end all hosts when the first one ends (SageMaker's local mode does). The first host
of the list listens on port 7778, or `MLDOCK_HOSTS_PORT`; the others keep a connection to it, whose
end tells that a host has died.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from contextlib import suppress

from container.lifecycle.environment import Environment
from container.lifecycle.errors import ContainerError
from container.lifecycle.variables import positive

log = logging.getLogger(__name__)

# Names may take minutes to be known to all hosts, and images to be pulled; in seconds.
MEETING_TIME = 900.0


class Hosts:
    """The other hosts of this job; with one host there is nobody to wait for."""

    def __init__(self, environment: Environment) -> None:
        self.me = environment.current_host
        self.first, *self.others = environment.hosts
        self.port = int(positive(environment.variables, "MLDOCK_HOSTS_PORT", 7778))
        self.connections: dict[str, socket.socket] = {}

    def meet(self) -> None:
        """Wait until every host is there.

        Raises:
            ContainerError: One of them did not come.

        """
        if not self.others:
            return
        log.info("waiting for the other hosts of %s", [self.first, *self.others])
        until = time.monotonic() + MEETING_TIME
        if self.me == self.first:
            self.listen(until)
        else:
            self.connect(until)

    def part(self) -> None:
        """Wait until every host has saved its results.

        Raises:
            ContainerError: One of them has failed.

        """
        # Alone, or stopped before it met the others.
        if not self.connections:
            return
        failed = self.gather() if self.me == self.first else self.hear()
        self.leave()
        if failed:
            raise ContainerError(f"the host {', '.join(failed)} failed: its own log says why.")

    def gather(self) -> list[str]:
        """Wait for all others, and tell them who has failed."""
        failed = [name for name, peer in self.connections.items() if not has_parted(peer)]
        for peer in self.connections.values():
            with suppress(OSError):
                peer.sendall(json.dumps(failed).encode())
        return failed

    def hear(self) -> list[str]:
        """Hear from the first host who has failed; if it has gone, that is it."""
        peer = self.connections[self.first]
        told = b""
        with suppress(OSError):
            peer.sendall(b".")
            told = peer.makefile("rb").read()
        return list(json.loads(told)) if told else [self.first]

    def leave(self) -> None:
        """Go, without waiting for anybody; who has not parted has failed."""
        for peer in self.connections.values():
            peer.close()

    def listen(self, until: float) -> None:
        """Let all others connect."""
        with socket.create_server(("", self.port), backlog=len(self.others)) as server:
            while missing := set(self.others) - self.connections.keys():
                server.settimeout(max(until - time.monotonic(), 0.01))
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    names = ", ".join(sorted(missing))
                    raise ContainerError(f"the host {names} did not come. See its log.") from None
                if (name := name_of(peer)) in missing:
                    watch(peer)
                    self.connections[name] = peer

    def connect(self, until: float) -> None:
        """Connect to the first host, as soon as it listens."""
        while True:
            try:
                peer = socket.create_connection((self.first, self.port), timeout=10)
                break
            # Not yet up, or not yet known by its name.
            except OSError as error:
                if time.monotonic() > until:
                    told = f"the host {self.first} cannot be reached at port {self.port}: {error}."
                    raise ContainerError(told) from error
                time.sleep(0.5)
        peer.settimeout(None)
        watch(peer)
        peer.sendall(f"{self.me}\n".encode())
        self.connections[self.first] = peer


def name_of(peer: socket.socket) -> str:
    """Return the name that a host tells; nothing for what is no host."""
    peer.settimeout(10)
    try:
        # Unbuffered, since what follows is for later.
        name = peer.makefile("rb", buffering=0).readline().decode(errors="replace").strip()
    except OSError:
        return ""
    peer.settimeout(None)
    return name


def has_parted(peer: socket.socket) -> bool:
    """Wait until a host says that it has saved its results; False when it has gone without."""
    try:
        return bool(peer.recv(1))
    except OSError:
        return False


def watch(peer: socket.socket) -> None:
    """Notice within a minute that a host has gone without a word."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
