"""The SageMaker Python SDK, each version in a virtual environment of its own."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.project import ROOT

REQUIREMENTS = {"v2": "sagemaker==2.257.7", "v3": "sagemaker-train==1.27.0"}

# The SDKs send a report of each call to their makers, unless they are told not to.
CONFIG = """SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
"""


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process of the tests uses the SDKs.

    They share environments, and all jobs of version 3 have hosts of one name on one network.
    """
    path = ROOT / ".nox" / "sagemaker.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(version: str) -> Path:
    """Return the Python of an environment below `.nox`, which is made once for each pin."""
    folder = ROOT / ".nox" / f"sagemaker-{version}"
    python, mark = folder / "bin" / "python", folder / "mldock-requirement"
    requirement = f"{REQUIREMENTS[version]} on {sys.version}"
    with alone():
        if not mark.is_file() or mark.read_text("utf-8") != requirement:
            uv = [sys.executable, "-m", "uv"]
            run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
            run([*uv, "pip", "install", "--quiet", "--python", str(python), REQUIREMENTS[version]])
            mark.write_text(requirement, "utf-8")
    return python


def run(command: list[str]) -> None:
    """Run a command to its end, which is a good one."""
    result = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stdout + result.stderr


def put_compose_on_path(folder: Path) -> str:
    """Return a PATH on which Docker Compose is a program of its own, `docker-compose`.

    Version 2 of the SDK takes `docker compose` for missing unless that prints "v2", which a build
    of Debian or Compose 5 does not. And behind the docker command it sends SIGTERM to both, of
    which Compose takes the second for "at once": the container of an endpoint is killed.
    """
    plugin = find_compose()
    if plugin is None:
        reason = "no Docker Compose, which the SageMaker SDK runs; install docker-compose-plugin"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder.mkdir()
    (folder / "docker-compose").symlink_to(plugin)
    docker = folder / "docker"
    docker.write_text(
        f'#!/bin/sh\n[ "$1" != compose ] || exit 1\nexec {shutil.which("docker")} "$@"\n', "utf-8"
    )
    docker.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def find_compose() -> str | None:
    """Return the path of Docker Compose, the docker command's plugin or a program of its own."""
    command = ["docker", "info", "--format", "{{json .ClientInfo.Plugins}}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    plugins: list[dict[str, Any]] = json.loads(result.stdout or "null") or []
    for plugin in plugins:
        if plugin["Name"] == "compose" and "Err" not in plugin:
            return str(plugin["Path"])
    return shutil.which("docker-compose")


def variables(folder: Path) -> dict[str, str]:
    """Return the environment variables of a person who has no account in the cloud."""
    config = folder / "config.yaml"
    config.write_text(CONFIG, "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "PATH": put_compose_on_path(folder / "bin"),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(config),
        "SAGEMAKER_USER_CONFIG_OVERRIDE": str(config),
    }
