"""The Docker engine of this machine."""

from __future__ import annotations

import ipaddress
import subprocess
from typing import Any

import docker

# Seconds. The engine answers no sooner when all tests ask it at once, on a slow disk.
PATIENCE = 600


def engine() -> docker.DockerClient:
    """Return a client that waits for as long as a busy engine needs."""
    return docker.from_env(timeout=PATIENCE)


def engine_answers() -> bool:
    """Return whether a Docker engine answers."""
    try:
        return subprocess.run(["docker", "version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def host_address() -> str:
    """Return the address of this machine for its containers, on the engine's default network."""
    config: dict[str, Any] = engine().networks.get("bridge").attrs["IPAM"]["Config"][0]
    # An engine that has never been restarted tells no gateway; it takes the subnet's first address.
    return str(config.get("Gateway") or ipaddress.ip_network(config["Subnet"])[1])
