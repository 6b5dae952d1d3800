"""The other hosts of a job, as the job deals with them."""

from __future__ import annotations

import logging
import time

from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.hosts.first import FirstHost
from mldock.hosts.other import OtherHost
from mldock.hosts.peer import Member
from mldock.variables import positive, whole

log = logging.getLogger(__name__)

# Names may take minutes to be known to all hosts, and images to be pulled; in seconds.
MEETING_TIME = 900.0

# To say a last word; in seconds.
LEAVING_TIME = 5.0


class Hosts:
    """The other hosts of this job; with one host there is nobody to wait for."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.port = int(positive(environment.variables, "MLDOCK_HOSTS_PORT", 7778))
        self.patience = whole(environment.variables, "MLDOCK_HOSTS_TIMEOUT", 300, 0, 10**6)
        self.member: Member | None = None

    def meet(self) -> None:
        """Wait until every host is there.

        Raises:
            ContainerError: One of them did not come.

        """
        if len(self.environment.hosts) > 1:
            log.info("waiting for the other hosts of %s", [*self.environment.hosts])
            self.join(MEETING_TIME).begun.wait()
            self.check()

    def check(self) -> None:
        """Raise the reason if another host has made the job fail."""
        if self.member and self.member.failure:
            raise ContainerError(self.member.failure)

    def part(self, state: str, seconds: float | None = None) -> None:
        """Say that the results are saved, and wait until those of all hosts are.

        Raises:
            ContainerError: One of them has failed.

        """
        if self.member:
            self.member.state = state
            self.member.ended.wait(seconds)
            self.leave()
            self.check()

    def fail(self, reason: str) -> None:
        """Tell the others that this host has failed; `leave` waits until that is said."""
        if len(self.environment.hosts) > 1:
            member = self.member or self.join(LEAVING_TIME)
            member.state = f"failed {reason[:500]}"

    def leave(self) -> None:
        """Go, without waiting for anybody."""
        if self.member:
            self.member.leaving.set()
            self.member.join(LEAVING_TIME)

    def join(self, seconds: float) -> Member:
        """Begin to talk, and look for the others for some time."""
        environment = self.environment
        name, (first, *others) = environment.current_host, environment.hosts
        if not environment.is_first:
            self.member = OtherHost(name, first, self.port, self.patience)
        else:
            try:
                self.member = FirstHost(name, others, self.port, self.patience)
            except OSError as error:
                told = f"the hosts cannot meet at port {self.port}: {error}. Set MLDOCK_HOSTS_PORT."
                raise ContainerError(told) from error
        self.member.until = time.monotonic() + seconds
        self.member.start()
        return self.member
