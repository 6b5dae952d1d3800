"""What the container may use: its cgroup's share of CPUs and memory."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from container.prediction.resources import free_memory, granted_cpus, own_memory

V1 = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")
MEMORY_V1 = "memory/memory.limit_in_bytes"
MIB = 2**20


@pytest.fixture
def cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this process four CPUs, whatever the host has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3}, raising=False)


def write(directory: Path, files: dict[str, str]) -> Path:
    """Write files as the kernel shows them."""
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(f"{text}\n")
    return directory


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
@pytest.mark.usefixtures("cpus")
def test_quota_is_granted(files: dict[str, str], granted: int, tmp_path: Path) -> None:
    """The quota counts, in both versions of cgroups, rounded up; without one, the CPUs."""
    assert granted_cpus(write(tmp_path, files)) == granted


@pytest.mark.parametrize(
    ("cgroup", "proc", "free"),
    [
        ({}, {}, math.inf),
        ({}, {"meminfo": "MemTotal: 9000 kB\nMemAvailable:  4096 kB"}, 4 * MIB),
        ({"memory.max": str(8 * MIB)}, {}, 8 * MIB),
        ({"memory.max": str(8 * MIB), "memory.stat": f"anon {MIB}\nfile {5 * MIB}"}, {}, 7 * MIB),
        ({"memory.max": "max", "memory.stat": f"anon {MIB}"}, {}, math.inf),
        ({"memory.max": str(8 * MIB)}, {"meminfo": "MemAvailable: 4096 kB"}, 4 * MIB),
        ({"memory.max": str(MIB), "memory.stat": f"anon {2 * MIB}"}, {}, 0),
        ({MEMORY_V1: str(6 * MIB), "memory/memory.stat": f"total_rss {MIB}"}, {}, 5 * MIB),
        ({"memory.max": "", "memory.stat": "anon"}, {"meminfo": "?"}, math.inf),
    ],
    ids=str,
)
def test_free_memory(
    cgroup: dict[str, str], proc: dict[str, str], free: float, tmp_path: Path
) -> None:
    """The least of what the cgroup and the machine leave, without files that may be dropped."""
    assert free_memory(write(tmp_path / "c", cgroup), write(tmp_path / "p", proc)) == free


def test_own_memory(tmp_path: Path) -> None:
    """It is what this process holds by itself."""
    before = own_memory()
    held = bytearray(os.urandom(1)) * (64 * MIB)

    assert own_memory() - before == pytest.approx(len(held), rel=0.2)
    # A model that is mapped from its file is the kernel's to drop.
    write(tmp_path / "self", {"statm": "9999 300 100 1 0 200 0"})

    assert own_memory(tmp_path) == 200 * os.sysconf("SC_PAGE_SIZE")
    assert own_memory(tmp_path / "nowhere") == 0
