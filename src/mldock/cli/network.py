"""The network of containers that are one job: they find each other by name, and it is removed."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker.errors import APIError, NotFound
from docker.models.networks import Network
from mldock import ContainerError
from mldock.cli.engine import LABEL, connect
from mldock.cli.environment import ROOT

# For what still ends on a network; in seconds.
REMOVAL_TIME = 10.0


@contextmanager
def job_network() -> Iterator[Network]:
    """Give a network for one job; it and the containers on it are removed afterwards."""
    engine = connect()
    for network in engine.networks.list(filters={"label": f"{LABEL}={ROOT}"}):
        # Left behind by one that was killed; that of a job which goes on is in use.
        with contextlib.suppress(APIError):
            network.remove()
    try:
        network = engine.networks.create(
            f"mldock-{uuid.uuid4().hex[:8]}", driver="bridge", labels={LABEL: str(ROOT)}
        )
    except APIError as error:
        raise ContainerError(
            f"Docker cannot make a network for the hosts: {error.explanation}. "
            "Remove those that nothing uses: docker network prune"
        ) from error
    try:
        yield network
    finally:
        remove(engine, network)


def remove(engine: docker.DockerClient, network: Network) -> None:
    """Remove a network and what is on it."""
    until = time.monotonic() + REMOVAL_TIME
    while True:
        for container in engine.containers.list(all=True, filters={"network": network.name}):
            # Its follower may be removing it at this moment.
            with contextlib.suppress(APIError):
                container.remove(force=True)
        try:
            network.remove()
            return
        except NotFound:
            return
        except APIError as error:
            if time.monotonic() > until:
                raise ContainerError(
                    f"Docker cannot remove the network {network.name}: {error.explanation}. "
                    f"Remove it: docker network rm {network.name}"
                ) from error
            time.sleep(0.2)
