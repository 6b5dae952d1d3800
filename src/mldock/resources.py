"""What this container is granted: CPUs, memory and open files, of its limits and not the host's."""

from __future__ import annotations

import math
import os
import resource
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
PROC = Path("/proc")


def granted_cpus(cgroup: Path = CGROUP) -> int:
    """Return how many CPUs this container may use, rounded up."""
    affinity = getattr(os, "sched_getaffinity", None)
    cpus = len(affinity(0)) if affinity else os.cpu_count() or 1
    # Version 2 of the cgroup interface, else version 1.
    for names in (["cpu.max"], ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"]):
        try:
            quota, period = " ".join((cgroup / name).read_text() for name in names).split()
        except (OSError, ValueError):
            continue
        if quota.isdecimal() and int(quota) > 0:
            cpus = min(cpus, math.ceil(int(quota) / int(period)))
    return cpus


def free_memory(cgroup: Path = CGROUP, proc: Path = PROC) -> float:
    """Return how many bytes more this container may take; infinite if nothing limits it."""
    free = [math.inf]
    available = read_table(proc / "meminfo").get("MemAvailable:")
    if available is not None:
        free.append(available * 1024)
    for limit, statistics, used in (
        ("memory.max", "memory.stat", "anon"),
        ("memory/memory.limit_in_bytes", "memory/memory.stat", "total_rss"),
    ):
        try:
            most = int((cgroup / limit).read_text())
        except (OSError, ValueError):
            continue
        # Without the files that the kernel keeps in memory: it drops those first.
        free.append(most - read_table(cgroup / statistics).get(used, 0))
    return max(0, min(free))


def own_memory(proc: Path = PROC) -> int:
    """Return how many bytes this process holds, without mapped files; 0 where /proc is missing."""
    try:
        _, pages, shared, *_ = (proc / "self" / "statm").read_text().split()
    except OSError:
        return 0
    return (int(pages) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def raise_file_limit() -> None:
    """Let this process and its children open as many files and connections as is allowed.

    The limit that a process starts with is often 1,024.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def read_table(path: Path) -> dict[str, int]:
    """Read lines of a name and a number."""
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {line[0]: int(line[1]) for line in lines if len(line) > 1 and line[1].isdecimal()}
