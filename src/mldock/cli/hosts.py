"""Training on several hosts, as containers of this machine with a network of their own.

Each has a directory of its own in the place of `/opt/ml`: the first `.mldock/`, where the model and
the outputs of a job always lie, the others `.mldock/hosts/NAME/`. They share the checkpoints.
"""

from __future__ import annotations

import json
import signal
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue

from docker.models.containers import Container
from docker.models.networks import Network
from docker.types import Mount
from mldock.cli.engine import connect, start_container, terminate
from mldock.cli.network import job_network
from mldock.cli.output import Output
from mldock.cli.signals import on_interrupt
from mldock.cli.workspace import BASE_DIR, image_of, prepare, run_variables
from mldock.project import Project

RESOURCES = "input/config/resourceconfig.json"

# How long the others may take to end by themselves after one has failed; in seconds.
PATIENCE = 30.0


def train_on_hosts(project: Project, arguments: Namespace, count: int) -> int:
    """Train in several containers, and return the exit code of the first that failed."""
    channels = prepare(project, link=False)
    variables = run_variables(project, arguments)
    if not arguments.restarts:
        # One that is killed does not come back.
        variables.setdefault("MLDOCK_HOSTS_TIMEOUT", "0")
    names = [f"algo-{number}" for number in range(1, count + 1)]
    with job_network() as network:
        job = Job(names, channels, variables, image_of(project, arguments), arguments, network)
        on_interrupt(job.stop)
        try:
            return job.run()
        finally:
            place = base_dir(names[0]) / RESOURCES
            # What is mounted on it leaves it empty; another is the person's own.
            if place.is_file() and not place.stat().st_size:
                place.unlink()


class Job:
    """The containers of one job, until the last has ended."""

    def __init__(
        self,
        names: list[str],
        channels: Mapping[str, Path],
        variables: Mapping[str, str],
        image: str,
        arguments: Namespace,
        network: Network,
    ) -> None:
        self.names, self.channels, self.variables = names, channels, variables
        self.image, self.gpus, self.network = image, arguments.gpus, network
        self.restarts: int = arguments.restarts
        self.output = Output(names)
        self.running: dict[str, Container] = {}
        self.ended: Queue[tuple[str, int]] = Queue()
        self.code = 0
        self.is_stopping = False

    def run(self) -> int:
        """Start them all and see them end."""
        (BASE_DIR / "hosts").mkdir(exist_ok=True)
        for name in self.names:
            self.prepare(name)
        for name in self.names:
            self.start(name)
        waited = 0.0
        while self.running:
            try:
                name, code = self.ended.get(timeout=1)
                del self.running[name]
                self.note(name, code)
            except Empty:
                waited += bool(self.code)
            # Again each second, since one that has just been started does not hear it yet.
            if self.is_stopping or waited > PATIENCE:
                self.stop()
        return self.code

    def prepare(self, name: str) -> None:
        """Make the directories of a host, and tell it which hosts there are."""
        folder = base_dir(name)
        inputs = [f"input/data/{channel}" for channel in self.channels]
        for part in ("input/config", "model", "output/data", "checkpoints", *inputs):
            (folder / part).mkdir(parents=True, exist_ok=True)
        group = {
            "instance_group_name": "homogeneousCluster",
            "instance_type": "local",
            "hosts": self.names,
        }
        resources = {
            "current_group_name": group["instance_group_name"],
            "current_host": name,
            "current_instance_type": group["instance_type"],
            "hosts": self.names,
            "instance_groups": [group],
            "network_interface_name": "eth0",
        }
        resources_of(name).write_text(json.dumps(resources), encoding="utf-8")
        # Only mounted there: a later run on one host would take itself for one of several.
        (folder / RESOURCES).touch()

    def start(self, name: str) -> None:
        """Start a host, for the first time or again."""
        mounts = [
            Mount("/opt/ml", str(base_dir(name)), type="bind"),
            Mount("/opt/ml/checkpoints", str(BASE_DIR / "checkpoints"), type="bind"),
        ]
        inputs = {f"input/data/{channel}": folder for channel, folder in self.channels.items()}
        for place, source in {RESOURCES: resources_of(name), **inputs}.items():
            mounts.append(Mount(f"/opt/ml/{place}", str(source), type="bind", read_only=True))
        endpoint = connect().api.create_endpoint_config(aliases=[name])
        self.running[name] = start_container(
            self.image,
            "train",
            mounts=mounts,
            variables=self.variables,
            ports={},
            gpus=self.gpus,
            hostname=name,
            network=self.network.name,
            networking_config={self.network.name: endpoint},
        )
        self.output.follow(name, self.running[name], self.ended)

    def note(self, name: str, code: int) -> None:
        """Act on the end of a host: start it again if it was killed and may be, or tell of it."""
        if not code or self.is_stopping:
            self.code = self.code or code
            return
        how = f"was killed by {killer(code)}" if code > 128 else f"failed with exit code {code}"
        # One that has failed by itself has made all of them fail.
        if code > 128 and self.restarts and not self.code:
            self.restarts -= 1
            self.output.tell(name, f"{how} and is started again; {self.restarts} restarts are left")
            self.start(name)
            return
        if not self.code:
            self.output.tell(name, f"{how}, and the job with it")
        self.code = self.code or code

    def stop(self) -> None:
        """Ask all of them to stop, as a platform does."""
        self.is_stopping = True
        for container in list(self.running.values()):
            terminate(container)


def base_dir(name: str) -> Path:
    """Return what a host has in the place of /opt/ml."""
    return BASE_DIR if name == "algo-1" else BASE_DIR / "hosts" / name


def resources_of(name: str) -> Path:
    """Return the file that tells a host which hosts there are."""
    return BASE_DIR / "hosts" / f"{name}.json"


def killer(code: int) -> str:
    """Return the signal that an exit code tells of."""
    try:
        return signal.Signals(code - 128).name
    except ValueError:
        return f"signal {code - 128}"
