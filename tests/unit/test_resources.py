"""What a container is granted, and what a process holds of it."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from mldock.resources import free_memory, granted_cpus, own_memory

V1 = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")


@pytest.mark.parametrize(
    ("files", "granted"),
    [
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "5000 100000"}, 1),
        ({"cpu.max": "800000 100000"}, 4),
        ({"cpu.max": "max 100000"}, 4),
        ({V1[0]: "200000", V1[1]: "100000"}, 2),
        ({V1[0]: "-1", V1[1]: "100000"}, 4),
        ({V1[0]: "200000"}, 4),
        ({"cpu.max": ""}, 4),
        ({}, 4),
    ],
    ids=str,
)
def test_quota_is_granted(
    files: dict[str, str], granted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quota counts, in both versions of cgroups, rounded up; without one, the CPUs."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3}, raising=False)
    write(tmp_path, files)

    assert granted_cpus(tmp_path) == granted


MIB = 2**20


@pytest.mark.parametrize(
    ("files", "free"),
    [
        # What the kernel keeps of files (`file`) is free.
        ({"memory.max": f"{100 * MIB}", "memory.stat": f"anon {30 * MIB}\nfile {50 * MIB}"}, 70),
        ({"memory.max": f"{100 * MIB}", "memory.stat": f"anon {101 * MIB}"}, 0),
        (
            {
                "memory/memory.limit_in_bytes": f"{100 * MIB}",
                "memory/memory.stat": f"rss {MIB}\ntotal_rss {40 * MIB}",
            },
            60,
        ),
        ({"memory.max": "max", "meminfo": "MemTotal: 9999 kB\nMemAvailable: 51200 kB"}, 50),
        # The host may have less than the container is allowed.
        ({"memory.max": f"{100 * MIB}", "meminfo": "MemAvailable: 51200 kB"}, 50),
        ({}, math.inf),
    ],
    ids=str,
)
def test_memory_is_granted(files: dict[str, str], free: float, tmp_path: Path) -> None:
    """What is left of the limit, in both versions of cgroups; never more than the host has."""
    write(tmp_path, files)

    assert free_memory(tmp_path, tmp_path) == free * MIB


def test_own_memory(tmp_path: Path) -> None:
    """Mapped files do not count; without /proc, as on macOS, it is 0."""
    write(tmp_path, {"self/statm": "900 500 100 1 0 400 0"})

    assert own_memory(tmp_path) == 400 * os.sysconf("SC_PAGE_SIZE")
    assert own_memory(tmp_path / "missing") == 0


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files as the kernel would show them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"{text}\n")
