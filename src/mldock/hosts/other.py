"""A host that is not the first: it keeps a connection to the first, and comes back to it."""

from __future__ import annotations

import logging
import select
import socket
import time

from mldock.hosts.peer import TICK, Member, Peer

log = logging.getLogger(__name__)


class OtherHost(Member):
    """Tells the first host its state, and hears from it what has become of the job."""

    def __init__(self, name: str, first: str, port: int, patience: float) -> None:
        super().__init__(name, port, patience)
        self.first = first
        self.has_met = False

    def talk(self) -> None:
        """Talk until this host leaves, or the job has ended."""
        while not self.ended.is_set():
            try:
                peer = Peer(socket.create_connection((self.first, self.port), timeout=10))
            # Not yet up, or not yet known by its name.
            except OSError as error:
                self.give_up(error)
            else:
                self.stay(peer)
                peer.close()
            if not self.ended.wait(0.5) and self.leaving.is_set() and self.has_met:
                return

    def give_up(self, error: OSError) -> None:
        """Look no longer for the first host than there is time."""
        if self.is_stopping:
            self.ended.set()
        elif time.monotonic() < self.until:
            return
        elif self.has_met:
            told = f", and did not come back within {self.patience:.0f} s" if self.patience else ""
            self.fail(f"the first host {self.first} is gone{told}. See its log.")
        else:
            at = f"at port {self.port}: {error}"
            self.fail(f"the first host {self.first} cannot be reached {at}. See its log.")

    def stay(self, peer: Peer) -> None:
        """Tell and hear as long as the connection lasts."""
        self.has_met = True
        told = ""
        while not self.ended.is_set():
            # Read once, since the job may change it at any time.
            leaving, state = self.leaving.is_set(), self.state
            if state != told:
                peer.say(state if told else f"{self.host} {state}")
                told = state
            if leaving:
                return
            lines = peer.hear() if select.select([peer], [], [], TICK)[0] else []
            if lines is None:
                self.until = time.monotonic() + self.patience
                if not self.is_stopping:
                    log.warning(
                        "the first host %s is gone; it has %.0f s to come back",
                        self.first,
                        self.patience,
                    )
                return
            for line in lines:
                self.note(line)

    def note(self, line: str) -> None:
        """Note what has become of the job."""
        word, _, failure = line.partition(" ")
        if word == "begin":
            self.begun.set()
        elif word == "end":
            self.ended.set()
        elif word == "failed":
            self.fail(failure)
