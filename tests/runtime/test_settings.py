"""The settings of the server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from container.lifecycle import ContainerError
from container.prediction.settings import ServerSettings, granted_cpus, read_settings

V1 = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")


@pytest.fixture
def cpus(monkeypatch: pytest.MonkeyPatch) -> int:
    """Give this process four CPUs, whatever the host has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2, 3}, raising=False)
    return 4


def write(cgroup: Path, files: dict[str, str]) -> Path:
    """Write the files of a cgroup as the kernel shows them."""
    for name, text in files.items():
        (cgroup / name).parent.mkdir(exist_ok=True)
        (cgroup / name).write_text(f"{text}\n")
    return cgroup


@pytest.mark.parametrize(
    ("files", "granted"),
    [
        ({"cpu.max": "100000 100000"}, 1),
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "5000 100000"}, 1),
        ({"cpu.max": "800000 100000"}, 4),
        ({"cpu.max": "max 100000"}, 4),
        ({V1[0]: "200000", V1[1]: "100000"}, 2),
        ({V1[0]: "50000", V1[1]: "100000"}, 1),
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


def test_defaults() -> None:
    """Without variables: SageMaker's port and payload, and a worker for each CPU."""
    assert read_settings({}) == ServerSettings(
        port=8080, bind="", workers=granted_cpus(), timeout=60, max_body_mb=100
    )


def test_variables_are_read() -> None:
    """Each setting has its variable."""
    settings = read_settings(
        {
            "SAGEMAKER_BIND_TO_PORT": "9000",
            "MLDOCK_SERVER_BIND": "0.0.0.0:80",
            "MLDOCK_SERVER_WORKERS": "3",
            "MLDOCK_SERVER_TIMEOUT": "120",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": "6",
        }
    )

    assert settings == ServerSettings(
        port=9000, bind="0.0.0.0:80", workers=3, timeout=120, max_body_mb=6
    )


NUMBERS = (
    "SAGEMAKER_BIND_TO_PORT",
    "MLDOCK_SERVER_WORKERS",
    "MLDOCK_SERVER_TIMEOUT",
    "SAGEMAKER_MAX_PAYLOAD_IN_MB",
)


@pytest.mark.parametrize("name", NUMBERS)
def test_empty_is_absent(name: str) -> None:
    """A variable that is set to nothing means the default."""
    assert read_settings({name: ""}) == read_settings({})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two", "1 "])
def test_wrong_number_is_explained(name: str, text: str) -> None:
    """The message names the variable, its value and what is allowed."""
    with pytest.raises(ContainerError, match=f"{name}={text} is not a positive whole number"):
        read_settings({name: text})
