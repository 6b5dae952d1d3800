"""A training run: a Job of its own, followed to its end."""

from __future__ import annotations

import subprocess
import time
from argparse import Namespace

from mldock import ContainerError
from mldock.cli.deploy.kubernetes.deployments import explain
from mldock.cli.deploy.kubernetes.overlay import Overlay


def train(options: Namespace) -> int:
    """Start a run, show its logs to the end, and return 1 if it failed."""
    run = Overlay("train", options)
    if not run.apply("Train") or run.workload["kind"] == "CronJob":
        return 0
    try:
        return follow(run)
    except KeyboardInterrupt:
        print(f"\nThe run continues. To end it: {' '.join(run.kubectl)} delete {run.name}")
        raise


def follow(run: Overlay) -> int:
    """Show the logs of all pods of a run until it has ended."""
    selector = f"--selector=batch.kubernetes.io/job-name={run.metadata['name']}"
    logs: dict[str, subprocess.Popen[bytes]] = {}
    attempts, printed = 60, {""}
    while True:
        try:
            job, pods, attempts = run.get(run.name), run.get("pods", selector)["items"], 60
        except ContainerError:
            # A cluster that is being upgraded is away for a while.
            job, pods, attempts = {}, [], attempts - 1
            if not attempts:
                raise
        for pod in pods:
            if (line := explain(pod)) not in printed:
                printed.add(line)
                print(line, flush=True)
            name, states = pod["metadata"]["name"], pod["status"].get("containerStatuses", [])
            if name not in logs and any("waiting" not in one["state"] for one in states):
                logs[name] = subprocess.Popen([*run.kubectl, "logs", "--follow", "--prefix", name])
        for condition in job.get("status", {}).get("conditions", []):
            if condition["status"] == "True" and condition["type"] in ("Complete", "Failed"):
                for process in logs.values():
                    process.wait()
                print(f"{run.name}: {condition['type']}. {condition.get('message', '')}")
                return int(condition["type"] == "Failed")
        time.sleep(2)
