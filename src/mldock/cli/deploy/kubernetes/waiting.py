"""Waiting for a rollout, and saying why it does not come to its end."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.kubernetes.cluster import Cluster
from mldock.cli.deploy.kubernetes.overlay import Workload

LINES = 20


class Status:
    """The state of a wait: one line that changes on a terminal, a line a change elsewhere."""

    def __init__(self) -> None:
        self.shown = ""

    def show(self, line: str) -> None:
        """Show a state."""
        if line == self.shown:
            return
        self.shown = line
        if sys.stdout.isatty():
            print(f"\r\033[K{line}", end="", flush=True)
        else:
            print(line, flush=True)

    def end(self) -> None:
        """Leave the line, so that others can follow."""
        if self.shown and sys.stdout.isatty():
            print(flush=True)
        self.shown = ""


def wait_for_rollout(cluster: Cluster, workload: Workload) -> bool:
    """Wait until the new pods answer; say why if they do not."""
    status = Status()
    command = cluster.command("rollout", "status", f"deployment/{workload.name}")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            status.show(line.rstrip())
    status.end()
    if process.returncode == 0:
        return True
    explain(cluster, workload.selector, workload.name)
    return False


def explain(cluster: Cluster, selector: str, name: str) -> None:
    """Print the events and the last log lines of the pod that is in the way."""
    pods = cluster.get("pods", f"--selector={selector}")["items"]
    waiting = [pod for pod in pods if not is_ready(pod)]
    newest = sorted(waiting or pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    about = newest[-1]["metadata"]["name"] if newest else name
    if not newest:
        print(f"{name} has no pod.")
    for event in cluster.get("events", "--field-selector=type=Warning")["items"]:
        # Without a pod it is the ReplicaSet, called after its owner, that has something to say.
        if event["involvedObject"]["name"].startswith(about):
            print(f"  {event['reason']}: {event['message']}")
    if newest:
        print(f"  the last lines of {about}:")
        print_logs(cluster, newest[-1])


def print_logs(cluster: Cluster, pod: dict[str, Any]) -> None:
    """Print the last lines of a pod; of its last start if it has been started again."""
    statuses = pod.get("status", {}).get("containerStatuses", [])
    again = any(status["restartCount"] for status in statuses)
    options = ["--previous"] if again else []
    try:
        lines = cluster.run("logs", pod["metadata"]["name"], f"--tail={LINES}", *options)
    except ContainerError as error:
        # A container that was never started has none.
        lines = str(error)
    print("\n".join(f"    {line}" for line in lines.splitlines() or ["(none)"]))


def is_ready(pod: dict[str, Any]) -> bool:
    """Say whether a pod answers."""
    conditions = pod.get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
