"""The first host: the others connect to it, and it tells them what has become of the job."""

from __future__ import annotations

import logging
import selectors
import socket
import time
from contextlib import suppress

from mldock.hosts.peer import TICK, Member, Peer

log = logging.getLogger(__name__)

DONE = ("saved", "stopped")


class FirstHost(Member):
    """Knows the state of every host."""

    def __init__(self, name: str, others: list[str], port: int, patience: float) -> None:
        super().__init__(name, port, patience)
        self.states = dict.fromkeys(others, "")
        self.peers: dict[str, Peer] = {}
        # Since when a host is missed that has been here.
        self.missed: dict[str, float] = {}
        # Who knows that the job has failed.
        self.told: set[str] = set()
        # A cluster may have addresses of either kind.
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        self.server = socket.create_server(("", port), family=family, dualstack_ipv6=both)
        self.server.setblocking(False)
        self.selector = selectors.DefaultSelector()

    def talk(self) -> None:
        """Talk until this host leaves."""
        self.selector.register(self.server, selectors.EVENT_READ)
        try:
            while not (self.leaving.is_set() and self.has_told()):
                for key, _ in self.selector.select(TICK):
                    if isinstance(key.fileobj, Peer):
                        self.listen_to(key.fileobj)
                    else:
                        self.accept()
                self.look()
        finally:
            self.server.close()
            for peer in self.everybody():
                peer.close()
            self.selector.close()

    def has_told(self) -> bool:
        """Say whether all know that the job has failed, if so; those too that come too late."""
        self.look()
        return not self.failure or self.states.keys() <= self.told | self.missed.keys()

    def everybody(self) -> list[Peer]:
        """Return all connections, also of those who have not said their names."""
        everything = [key.fileobj for key in self.selector.get_map().values()]
        return [end for end in everything if isinstance(end, Peer)]

    def accept(self) -> None:
        """Let somebody in, who has yet to say which host it is."""
        # Who has gone in the meantime needs nothing.
        with suppress(OSError):
            connection, _ = self.server.accept()
            self.selector.register(Peer(connection), selectors.EVENT_READ)

    def listen_to(self, peer: Peer) -> None:
        """Hear what a host says of itself, first of all its name."""
        lines = peer.hear()
        for line in lines or ():
            name = self.name_of(peer)
            if name is None:
                name, _, line = line.partition(" ")
                if name not in self.states:
                    peer.say(f"failed {name!r} is none of the hosts {[self.host, *self.states]}.")
                    lines = None
                    break
                self.admit(name, peer)
            self.note(name, line)
        if lines is None:
            self.drop(peer)

    def name_of(self, peer: Peer) -> str | None:
        """Return which host a connection belongs to; None as long as it has not said so."""
        return next((name for name, known in self.peers.items() if known is peer), None)

    def admit(self, name: str, peer: Peer) -> None:
        """Take a host in, in the place of its earlier connection if it has been here before."""
        if earlier := self.peers.pop(name, None):
            earlier.say(f"failed another host calls itself {name}. Give each its own index.")
            self.drop(earlier)
        self.peers[name] = peer
        if self.missed.pop(name, None):
            log.warning("the host %s is back", name)
        if self.failure:
            peer.say(f"failed {self.failure}")
            self.told.add(name)
        elif self.begun.is_set():
            peer.say("begin")

    def drop(self, peer: Peer) -> None:
        """Close a connection, and miss the host that it belonged to."""
        # One that another has just replaced is closed already.
        if peer.fileno() < 0:
            return
        self.selector.unregister(peer)
        peer.close()
        name = self.name_of(peer)
        if name is None:
            return
        del self.peers[name]
        if not (self.ended.is_set() or self.is_stopping):
            self.missed[name] = time.monotonic()
            log.warning("the host %s is gone; it has %.0f s to come back", name, self.patience)

    def note(self, name: str, line: str) -> None:
        """Note the state that a host tells."""
        state, _, reason = line.partition(" ")
        self.states[name] = state
        if state == "failed":
            self.fail(f"{self.before()}the host {name} failed: {reason}")

    def before(self) -> str:
        """Tell who has gone; what a host says that lost another is only the consequence."""
        return f"the host {', '.join(self.missed)} is gone, then " if self.missed else ""

    def look(self) -> None:
        """Act on what is known of all hosts."""
        if self.ended.is_set():
            return
        now = time.monotonic()
        state, _, reason = self.state.partition(" ")
        late = [name for name, since in self.missed.items() if now - since >= self.patience]
        absent = [name for name in self.states if name not in self.peers]
        if state == "failed":
            self.fail(f"{self.before()}the host {self.host} failed: {reason}")
        elif late and not self.is_stopping:
            told = f"did not come back within {self.patience:.0f} s" if self.patience else "is gone"
            self.fail(f"the host {', '.join(late)} {told}. See its log.")
        elif state in DONE:
            if self.are_done(absent):
                self.ended.set()
                self.tell("end")
        elif not self.begun.is_set():
            if not absent:
                self.begun.set()
                self.tell("begin")
            elif now > self.until:
                self.fail(f"the host {', '.join(absent)} did not come. See its log.")

    def are_done(self, absent: list[str]) -> bool:
        """Say whether no other host has anything left to do."""
        if absent and not self.is_stopping:
            return False
        return all(self.states[name] in DONE for name in self.peers)

    def fail(self, failure: str) -> None:
        """Tell all others why the job has failed."""
        if not self.failure:
            super().fail(failure)
            self.tell(f"failed {failure}")
            self.told.update(self.peers)

    def tell(self, line: str) -> None:
        """Say something to all others."""
        for peer in self.peers.values():
            peer.say(line)
