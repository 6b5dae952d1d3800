"""Which hosts a job has, and the wait for the last of them.

The first of these that says something is believed: SageMaker's `resourceconfig.json`;
`MLDOCK_HOSTS`, with `MLDOCK_HOST_INDEX` or an Indexed Job's `JOB_COMPLETION_INDEX`; `MASTER_ADDR`,
`WORLD_SIZE` and `RANK` of Kubeflow's training jobs.
"""

from __future__ import annotations

import logging
import re
import select
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from mldock.errors import ContainerError, error_context
from mldock.variables import float_from_env, int_from_env

if TYPE_CHECKING:
    from mldock.environment import Environment
    from mldock.sagemaker import ResourceConfig

log = logging.getLogger(__name__)
# In seconds: how long a host is waited for that has not come yet, and one that still works.
JOIN_TIME = ("MLDOCK_JOIN_TIMEOUT", 600)
WAITING_TIME = ("MLDOCK_HOSTS_TIMEOUT", 86400)


def find_hosts(told: ResourceConfig, variables: Mapping[str, str]) -> tuple[tuple[str, ...], int]:
    """Return the hosts of the job, the same list on each of them, and the place of this one."""
    if hosts := told.hosts:
        source, me = "resourceconfig.json", told.current_host
        if me not in hosts and (me or len(hosts) > 1):
            raise ContainerError(f"{source}: {me!r} is not one of {', '.join(hosts)}. Correct it.")
        rank = hosts.index(me) if me else 0
    elif names := variables.get("MLDOCK_HOSTS"):
        source, hosts = f"MLDOCK_HOSTS={names}", tuple(name.strip() for name in names.split(","))
        rank = read_rank(len(hosts), variables, "MLDOCK_HOST_INDEX", "JOB_COMPLETION_INDEX")
    elif (source := variables.get("MASTER_ADDR", "")) and variables.get("WORLD_SIZE"):
        # The world may count processes; then the nodes are told beside it.
        size = "PET_NNODES" if variables.get("PET_NNODES", "").isdecimal() else "WORLD_SIZE"
        count = int_from_env(variables, size, 1, 1, 10_000)
        rank = read_rank(count, variables, "RANK")
        # Only the first has a name, which is all it takes.
        hosts = (source, *(f"host-{number}" for number in range(1, count)))
    else:
        return ("localhost",), 0
    for name in hosts:
        if not re.fullmatch(r"[\w.:-]+", name) or hosts.count(name) > 1:
            wrong = f"{name!r} is there twice, or is not the name of a host"
            raise ContainerError(f"{source}: {wrong}. Correct it.")
    return hosts, rank


def read_rank(count: int, variables: Mapping[str, str], *names: str) -> int:
    """Return the place of this host, from the first of the variables that is set."""
    name = next((name for name in names if variables.get(name)), "")
    if count > 1 and not name:
        told = f"Set {names[0]} to a number from 0 to {count - 1}"
        raise ContainerError(f"There are {count} hosts, nothing says which this is. {told}.")
    return int_from_env(variables, name, 0, 0, count - 1) if count > 1 else 0


def format_address(host: str, port: int | None = None) -> str:
    """Return a host, and a port, as a URL has them: with brackets around an address of IPv6."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"


def connect(
    host: str, port: int, seconds: float, check: Callable[[], None] = lambda: None
) -> socket.socket:
    """Connect to the first host as soon as it listens; SIGTERM and `check` can end this wait."""
    until = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection((host, port), timeout=5)
        except OSError as error:
            if time.monotonic() > until:
                told = f"the host {host} did not answer at port {port} within {seconds:.0f} s"
                raise ContainerError(f"{told}: {error}. Its log says why.") from error
            check()
            time.sleep(0.2)


def join(environment: Environment) -> socket.socket | None:
    """Connect to the first host, which listens to all others; None where the job has one host.

    Over that connection a host says at the end that it is done. One that fails or is lost has
    closed it without a word, so that nobody waits for it.
    """
    if len(environment.hosts) == 1:
        return None
    variables = environment.variables
    # A wrong limit is reported now, not when all have trained.
    seconds, _ = (float_from_env(variables, *name) for name in (JOIN_TIME, WAITING_TIME))
    port = int(float_from_env(variables, "MLDOCK_HOSTS_PORT", 7778))
    if environment.is_first:
        # A cluster may have addresses of either kind.
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        with error_context("the port of MLDOCK_HOSTS_PORT cannot be listened at"):
            line = socket.create_server(
                ("", port), family=family, backlog=1024, dualstack_ipv6=both
            )
    else:
        log.info("connecting to the first host, %s", environment.hosts[0])
        line = connect(environment.hosts[0], port, seconds)
        line.sendall(f"{environment.current_host} ".encode())
    # A machine that has gone without a word is noticed within half a minute.
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
        line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return line


def wait(environment: Environment, line: socket.socket) -> None:
    """Wait until all hosts are done; raises ContainerError when one is lost or too late."""
    log.info("waiting until all hosts are done: %s", ", ".join(environment.hosts))
    first, *others = environment.hosts
    variables, now = environment.variables, time.monotonic()
    join, work = (float_from_env(variables, *name) for name in (JOIN_TIME, WAITING_TIME))
    absent = (now + join, "did not come within MLDOCK_JOIN_TIMEOUT")
    working = (now + work, "was not done within MLDOCK_HOSTS_TIMEOUT")
    if environment.is_first:
        heard, missing = {line: b""}, dict.fromkeys(others, absent)
    else:
        # The first one speaks for all.
        heard, missing = {line: f"{first} ".encode()}, {first: working}
        with suppress(OSError):
            line.sendall(b"done")
    while missing:
        for peer in select.select(heard, [], [], 0.2)[0]:
            if environment.is_first and peer is line:
                heard[line.accept()[0]] = b""
                continue
            part = b""
            with suppress(OSError):
                part = peer.recv(100)
            heard[peer] += part
            name, _, word = heard[peer].decode(errors="replace").partition(" ")
            if word == "done":
                missing.pop(name, None)
            elif name in missing:
                gone = (time.monotonic() + 1, "ended before all hosts were done")
                # One that was started again has another connection, or will have one soon.
                again = sum(said.split(b" ")[0] == name.encode() for said in heard.values()) > 1
                missing[name] = working if part or again else gone
            if not part:
                del heard[peer]
        for name, (limit, told) in missing.items():
            if time.monotonic() > limit:
                raise ContainerError(f"the host {name} {told}. Its log says why.")
    for peer in heard:
        with suppress(OSError):
            peer.sendall(b"done")
