"""Which hosts a job has, and which of them this one is.

The first of these that says something is believed:

1. SageMaker's `resourceconfig.json`;
2. `MLDOCK_HOSTS`, names that every host can look up, with commas between, and this host's place
   among them, from 0: `MLDOCK_HOST_INDEX`, or `JOB_COMPLETION_INDEX` of an Indexed Job;
3. `MASTER_ADDR`, `WORLD_SIZE` and `RANK` of Kubeflow's training jobs.
"""

from __future__ import annotations

import re
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mldock.errors import ContainerError
from mldock.variables import whole

if TYPE_CHECKING:
    from mldock.sagemaker import ResourceConfig

INDICES = ("MLDOCK_HOST_INDEX", "JOB_COMPLETION_INDEX")

# ioctl(2): the IPv4 address of a network interface.
SIOCGIFADDR = 0x8915


@dataclass(frozen=True)
class Cluster:
    """The hosts of one job, the same list on each of them."""

    hosts: tuple[str, ...]
    rank: int = 0
    interface_hint: str | None = None

    @cached_property
    def interface(self) -> str | None:
        """The network interface that leads to the other hosts; None where that cannot be told."""
        there = [name for _, name in socket.if_nameindex()]
        # A platform's name may be wrong: SageMaker's local mode tells of one that is not there.
        if self.interface_hint in there:
            return self.interface_hint
        if len(self.hosts) == 1 or sys.platform != "linux":
            return None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
            try:
                # Sends nothing: it asks the kernel which address it would send from.
                route.connect((self.hosts[0], 9))
            except OSError:
                return None
            address = route.getsockname()[0]
            return next((name for name in there if address_of(route, name) == address), None)


def address_of(route: socket.socket, interface: str) -> str | None:
    """Return the address of a network interface, if it has one."""
    from fcntl import ioctl

    try:
        answer = ioctl(route, SIOCGIFADDR, struct.pack("256s", interface.encode()))
    except OSError:
        return None
    return socket.inet_ntoa(answer[20:24])


def find_cluster(resources: ResourceConfig, variables: Mapping[str, str]) -> Cluster:
    """Return the hosts as the platform tells them; one where it tells nothing.

    Raises:
        ContainerError: What it tells contradicts itself.

    """
    if resources.hosts:
        return of_sagemaker(resources)
    if names := variables.get("MLDOCK_HOSTS"):
        return of_names(names, variables)
    if (first := variables.get("MASTER_ADDR")) and variables.get("WORLD_SIZE"):
        return of_kubeflow(first, variables)
    return Cluster(("localhost",))


def of_sagemaker(resources: ResourceConfig) -> Cluster:
    """Return the hosts of `resourceconfig.json`."""
    source = "resourceconfig.json"
    hosts = distinct(resources.hosts, source)
    me = resources.current_host or (hosts[0] if len(hosts) == 1 else None)
    if me not in hosts:
        raise ContainerError(
            f"{source}: the current_host {me!r} is none of the hosts {', '.join(hosts)}. "
            "Correct the file."
        )
    return Cluster(hosts, hosts.index(me), resources.network_interface_name)


def of_names(names: str, variables: Mapping[str, str]) -> Cluster:
    """Return the hosts of `MLDOCK_HOSTS`."""
    hosts = distinct([name.strip() for name in names.split(",")], f"MLDOCK_HOSTS={names}")
    if len(hosts) == 1:
        return Cluster(hosts)
    source = next((name for name in INDICES if variables.get(name)), None)
    if source is None:
        raise ContainerError(
            f"MLDOCK_HOSTS names {len(hosts)} hosts, and nothing says which of them this is. "
            f"Set MLDOCK_HOST_INDEX to a number from 0 to {len(hosts) - 1}."
        )
    return Cluster(hosts, whole(variables, source, 0, 0, len(hosts) - 1))


def of_kubeflow(first: str, variables: Mapping[str, str]) -> Cluster:
    """Return the hosts of a job of Kubeflow; only the first has a name, which is all it takes."""
    # The world may count processes; then the nodes are told beside it.
    size = "PET_NNODES" if variables.get("PET_NNODES", "").isdecimal() else "WORLD_SIZE"
    count = whole(variables, size, 1, 1, 10_000)
    if count > 1 and not variables.get("RANK"):
        raise ContainerError(f"{size}={count}, and RANK is not set. Set it to this host's place.")
    rank = whole(variables, "RANK", 0, 0, count - 1) if count > 1 else 0
    return Cluster((first, *(f"host-{number}" for number in range(1, count))), rank)


def distinct(names: list[str] | tuple[str, ...], source: str) -> tuple[str, ...]:
    """Return names of which each is there once."""
    for name in names:
        if not re.fullmatch(r"[\w.:-]+", name):
            raise ContainerError(f"{source}: {name!r} is no name of a host. Correct it.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ContainerError(f"{source} names {', '.join(twice)} twice. Name each host once.")
    return tuple(names)
