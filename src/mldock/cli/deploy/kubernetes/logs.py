"""The logs of a run, of all its hosts, as they come."""

from __future__ import annotations

import subprocess
import threading
from typing import Any

from mldock.cli.deploy.kubernetes.cluster import Cluster
from mldock.cli.deploy.kubernetes.waiting import Status


class Logs:
    """Copies of what the pods print; with several hosts each line begins with the pod's name."""

    def __init__(self, cluster: Cluster, container: str, status: Status) -> None:
        self.cluster, self.container, self.status = cluster, container, status
        self.threads: dict[str, threading.Thread] = {}
        self.printing = threading.Lock()

    def follow(self, pods: list[dict[str, Any]]) -> None:
        """Begin to copy what those pods print that have started since the last time."""
        for pod in pods:
            if not self.has(pod) and has_started(pod):
                name = pod["metadata"]["name"]
                prefix = f"{name}: " if is_one_of_many(pod) else ""
                thread = threading.Thread(target=self.copy, args=(name, prefix), daemon=True)
                self.threads[name] = thread
                thread.start()

    def has(self, pod: dict[str, Any]) -> bool:
        """Say whether a pod's output is copied."""
        return pod["metadata"]["name"] in self.threads

    def copy(self, name: str, prefix: str) -> None:
        """Copy the output of a pod until it ends."""
        command = self.cluster.command("logs", "--follow", f"--container={self.container}", name)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process:
            assert process.stdout
            for line in process.stdout:
                with self.printing:
                    self.status.end()
                    print(prefix + line, end="", flush=True)

    def end(self) -> None:
        """Wait for the last lines."""
        for thread in self.threads.values():
            thread.join(timeout=30)


def has_started(pod: dict[str, Any]) -> bool:
    """Say whether the container of a pod runs, or has run."""
    states = [one["state"] for one in pod.get("status", {}).get("containerStatuses", [])]
    return any("running" in state or "terminated" in state for state in states)


def is_one_of_many(pod: dict[str, Any]) -> bool:
    """Say whether a run has other hosts: their names are then separated by commas."""
    variables = [one for container in pod["spec"]["containers"] for one in container.get("env", [])]
    return any("," in one.get("value", "") for one in variables if one["name"] == "MLDOCK_HOSTS")
