"""Training on several hosts, as containers of this machine with a network of their own.

Each has a directory of its own in the place of `/opt/ml`: the first `.mldock/`, where the model and
the outputs of a job always lie, the others `.mldock/hosts/NAME/`. They share the checkpoints. As a
platform does, it stops all of them when one has failed.
"""

from __future__ import annotations

import json
import signal
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue

from docker.models.containers import Container
from docker.types import Mount
from mldock.cli.engine import connect, send, start_container
from mldock.cli.network import job_network
from mldock.cli.output import Output
from mldock.cli.signals import handle
from mldock.cli.workspace import BASE_DIR, image_of, prepare, run_variables
from mldock.project import Project

RESOURCES = "input/config/resourceconfig.json"


def train_on_hosts(project: Project, arguments: Namespace, count: int) -> int:
    """Train in several containers, and return the exit code of the first that failed."""
    channels = prepare(project, link=False)
    variables = run_variables(project, arguments)
    image = image_of(project, arguments)
    names = [f"algo-{number}" for number in range(1, count + 1)]
    job = Job(Output(names))
    with job_network() as network:
        handle(job.stop)
        try:
            mounts = {name: prepare_host(name, names, channels) for name in names}
            for name in names:
                endpoint = connect().api.create_endpoint_config(aliases=[name])
                container = start_container(
                    image,
                    "train",
                    mounts=mounts[name],
                    variables=variables,
                    ports={},
                    gpus=arguments.gpus,
                    peers=names,
                    hostname=name,
                    network=network.name,
                    networking_config={network.name: endpoint},
                )
                job.follow(name, container)
            return job.wait()
        finally:
            place = base_dir(names[0]) / RESOURCES
            # What is mounted on it leaves it empty; another is the person's own.
            if place.is_file() and not place.stat().st_size:
                place.unlink()


def prepare_host(name: str, names: list[str], channels: Mapping[str, Path]) -> list[Mount]:
    """Make the directories of a host, tell it which hosts there are, and return its mounts."""
    folder, resources = base_dir(name), BASE_DIR / "hosts" / f"{name}.json"
    inputs = {f"input/data/{channel}": source for channel, source in channels.items()}
    for part in ("input/config", "model", "output/data", "checkpoints", *inputs):
        (folder / part).mkdir(parents=True, exist_ok=True)
    resources.parent.mkdir(exist_ok=True)
    group = {"instance_group_name": "homogeneousCluster", "instance_type": "local", "hosts": names}
    told = {
        "current_group_name": group["instance_group_name"],
        "current_host": name,
        "current_instance_type": group["instance_type"],
        "hosts": names,
        "instance_groups": [group],
        "network_interface_name": "eth0",
    }
    resources.write_text(json.dumps(told), encoding="utf-8")
    # Only mounted there: a later run on one host would take itself for one of several.
    (folder / RESOURCES).touch()
    return [
        Mount("/opt/ml", str(folder), type="bind"),
        Mount("/opt/ml/checkpoints", str(BASE_DIR / "checkpoints"), type="bind"),
        *(
            Mount(f"/opt/ml/{place}", str(source), type="bind", read_only=True)
            for place, source in {RESOURCES: resources, **inputs}.items()
        ),
    ]


class Job:
    """The containers of one job, until the last has ended."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.running: dict[str, Container] = {}
        self.ended: Queue[tuple[str, int]] = Queue()
        self.signal = 0

    def follow(self, name: str, container: Container) -> None:
        """Show what a host writes, and see it end."""
        self.running[name] = container
        self.output.follow(name, container, self.ended)

    def wait(self) -> int:
        """Wait until all have ended, and return the exit code of the first that failed."""
        first_code = 0
        while self.running:
            # Again each second, since one that has just been started does not hear it yet.
            if self.signal:
                self.stop(self.signal)
            try:
                name, code = self.ended.get(timeout=1)
            except Empty:
                continue
            del self.running[name]
            if code and not self.signal:
                self.output.tell(name, f"{how(code)}, and the job with it")
                self.signal = signal.SIGTERM
            first_code = first_code or code
        return first_code

    def stop(self, number: int) -> None:
        """Ask all of them to stop, as a platform does; the first host is the last one."""
        self.signal = number
        # A host that waits for another must not see it go before it is asked itself.
        for container in reversed(list(self.running.values())):
            send(container, number)


def base_dir(name: str) -> Path:
    """Return what a host has in the place of /opt/ml."""
    return BASE_DIR if name == "algo-1" else BASE_DIR / "hosts" / name


def how(code: int) -> str:
    """Return how a host has ended."""
    if code <= 128:
        return f"failed with exit code {code}"
    try:
        return f"was killed by {signal.Signals(code - 128).name}"
    except ValueError:
        return f"was killed by signal {code - 128}"
