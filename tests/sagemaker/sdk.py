"""A version of the SageMaker Python SDK at work."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.errors import APIError

from tests.client import free_port
from tests.engine import engine
from tests.sagemaker.environments import alone

HERE = Path(__file__).parent
COMPOSE_FILES = "com.docker.compose.project.config_files"
# How long Compose lets a container stop.
STOP_SECONDS = 10


@dataclass
class Sdk:
    """An SDK, and the folder that all its jobs have theirs in."""

    version: str
    python: Path
    folder: Path
    variables: dict[str, str]

    def run(self, name: str, image: str, as_root: bool = True, **task: Any) -> Run:
        """Do a task with an image, as `sdk_v2.py` and `sdk_v3.py` read it; root may be somebody."""
        folder = self.folder / name
        folder.mkdir()
        prefix = [] if as_root or os.getuid() else somebody(folder)
        for number, fit in enumerate(task["fits"]):
            fit.update(output=str(folder / f"fit-{number}"))
        for number, transform in enumerate(task.get("transforms", ())):
            transform.update(output=str(folder / f"transform-{number}"))
        task.update(image=image, folder=str(folder), port=free_port())
        command = [
            *prefix,
            str(self.python),
            str(HERE / f"sdk_{self.version}.py"),
            json.dumps(task),
        ]
        with alone():
            result = subprocess.run(
                command,
                env={**self.variables, **({"HOME": str(folder)} if prefix else {})},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=600,
            )
        assert result.returncode == 0, result.stdout
        return Run(folder, json.loads(result.stdout.splitlines()[-1]), result.stdout)

    def containers(self, folder: Path) -> list[Any]:
        """Return the containers that it has left of the jobs in a folder."""
        all_of_compose = engine().containers.list(all=True, filters={"label": COMPOSE_FILES})
        return [one for one in all_of_compose if one.labels[COMPOSE_FILES].startswith(str(folder))]

    def exit_codes(self, folder: Path) -> list[int]:
        """Return how they have ended, 0 for those that Compose gave no time to.

        The SDK ends it with SIGTERM, which Compose sometimes takes for two requests: to stop its
        containers, and to wait no longer.
        """
        return [
            0 if was_hurried(container) else container.attrs["State"]["ExitCode"]
            for container in self.containers(folder)
        ]

    def clean(self, image: str) -> None:
        """Remove containers and network, and give the files of their user, root, to ours."""
        for container in self.containers(self.folder):
            container.remove(force=True)
        client = engine()
        client.containers.run(
            image,
            ["-R", f"{os.getuid()}:{os.getgid()}", "/jobs"],
            entrypoint="chown",
            volumes={str(self.folder): {"bind": "/jobs"}},
            remove=True,
        )
        # Unless others use it.
        with suppress(APIError):
            client.networks.get("sagemaker-local").remove()


def somebody(folder: Path) -> list[str]:
    """Return what runs a command as the owner of a folder, a user who may ask Docker.

    They may read what root alone may, since root's Python can be in root's home; not write it.
    """
    user, group = 12345, Path("/var/run/docker.sock").stat().st_gid
    os.chown(folder, user, group)
    reads = "-all,+dac_read_search"
    command = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    return [*command, f"--inh-caps={reads}", f"--ambient-caps={reads}"]


def was_hurried(container: Any) -> bool:
    """Tell whether a container was killed before its time to stop was over."""
    events = engine().events(
        since=0,
        until=int(time.time()) + 1,
        filters={"container": container.id, "event": "kill"},
        decode=True,
    )
    times = {event["Actor"]["Attributes"]["signal"]: event["time"] for event in events}
    return {"9", "15"} <= times.keys() and times["9"] - times["15"] < STOP_SECONDS - 1


@dataclass
class Run:
    """What has come of a task."""

    folder: Path
    results: dict[str, Any]
    log: str

    def archive(self, fit: int, name: str) -> Archive:
        """Return an archive that a job has left: `model.tar.gz` or `output.tar.gz`."""
        folder = self.folder / f"fit-{fit}"
        # Where version 3 leaves it.
        path = folder / "compressed_artifacts" / name
        return Archive(path if path.is_file() else folder / name)

    def lines(self, transform: int) -> list[str]:
        """Return the lines that a batch transform has written for its one file."""
        (path,) = (self.folder / f"transform-{transform}").rglob("*.out")
        return path.read_text("utf-8").splitlines()


@dataclass
class Archive:
    """A `.tar.gz` of a job."""

    path: Path

    def names(self) -> set[str]:
        """Return the names of its files."""
        with tarfile.open(self.path) as archive:
            return {member.name for member in archive if member.isfile()}

    def text(self, name: str) -> str:
        """Return the text of a file."""
        with tarfile.open(self.path) as archive:
            file = archive.extractfile(name)
            assert file
            return file.read().decode()
