"""How the server is set up, from the environment variables that mldock and SageMaker define."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from container.lifecycle import ContainerError


@dataclass(frozen=True)
class ServerSettings:
    """The settings of nginx and gunicorn.

    Attributes:
        port: Where nginx listens; 8080, or `SAGEMAKER_BIND_TO_PORT`.
        bind: `MLDOCK_SERVER_BIND`, an address where gunicorn listens itself, without nginx.
        workers: `MLDOCK_SERVER_WORKERS`; as many as CPUs are granted if absent.
        timeout: `MLDOCK_SERVER_TIMEOUT`, seconds; SageMaker itself gives up after 60.
        max_body_mb: `SAGEMAKER_MAX_PAYLOAD_IN_MB`, MiB; batch transform sends up to 100.

    """

    port: int
    bind: str
    workers: int
    timeout: int
    max_body_mb: int


def read_settings(variables: Mapping[str, str]) -> ServerSettings:
    """Read the settings; raises ContainerError on a value that is no positive number."""

    def number(name: str, default: int) -> int:
        text = variables.get(name) or str(default)
        if not text.isdecimal() or int(text) == 0:
            raise ContainerError(f"{name}={text} is not a positive whole number. Correct it.")
        return int(text)

    return ServerSettings(
        port=number("SAGEMAKER_BIND_TO_PORT", 8080),
        bind=variables.get("MLDOCK_SERVER_BIND", ""),
        workers=number("MLDOCK_SERVER_WORKERS", granted_cpus()),
        timeout=number("MLDOCK_SERVER_TIMEOUT", 60),
        max_body_mb=number("SAGEMAKER_MAX_PAYLOAD_IN_MB", 100),
    )


def granted_cpus(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many CPUs this container may use, rounded up: its cgroup's quota, not the host's.

    Reads version 2 of the cgroup interface (`cpu.max`), else version 1 (`cpu.cfs_quota_us`).
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cpus = len(affinity(0)) if affinity else os.cpu_count() or 1
    for names in (["cpu.max"], ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"]):
        try:
            quota, period = " ".join((cgroup / name).read_text() for name in names).split()
        except (OSError, ValueError):
            continue
        if quota.isdecimal() and int(quota) > 0:
            cpus = min(cpus, math.ceil(int(quota) / int(period)))
    return cpus
