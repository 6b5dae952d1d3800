"""A training run: a Job of its own, followed to its end."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.kubernetes.cluster import Cluster
from mldock.cli.deploy.kubernetes.logs import Logs
from mldock.cli.deploy.kubernetes.overlay import stage_of
from mldock.cli.deploy.kubernetes.rendering import Rendering, render
from mldock.cli.deploy.kubernetes.waiting import Status
from mldock.cli.workspace import staged_project

# In seconds, between two looks at the Job.
INTERVAL = 2.0
# So many looks in a row may fail: a cluster that is being upgraded is away for a while.
PATIENCE = 60


def train(options: Namespace) -> int:
    """Apply a run, show its logs and return the exit code that its end deserves.

    Each run has a name of its own, by the time: a Job cannot be changed, and runs may overlap.
    """
    stage = stage_of(options.stage)
    cluster = Cluster(staged_project(options), stage)
    rendering = render("train", options, time.strftime("%Y%m%d-%H%M%S", time.gmtime()))
    cluster.apply(rendering.text)
    if rendering.workload.kind == "CronJob":
        print(f"{rendering.image} trains when {rendering.name} says so, at the stage {stage}.")
        return 0
    try:
        return follow(cluster, rendering)
    except KeyboardInterrupt:
        delete = " ".join(cluster.command("delete", f"job/{rendering.name}"))
        print(f"\n{rendering.name} goes on without you. To end it: {delete}")
        return 130


def follow(cluster: Cluster, rendering: Rendering) -> int:
    """Show the logs of a run until it has ended."""
    status, failures = Status(), 0
    logs = Logs(cluster, "train", status)
    while True:
        try:
            job = cluster.get(f"job/{rendering.name}")
            selector = f"--selector=batch.kubernetes.io/job-name={rendering.name}"
            pods = cluster.get("pods", selector)["items"]
            failures = 0
        except ContainerError:
            failures += 1
            if failures > PATIENCE:
                raise
            status.show(f"{rendering.name}: the cluster does not answer, asking again")
            time.sleep(INTERVAL)
            continue
        logs.follow(pods)
        if ended := conditions(job):
            logs.end()
            status.end()
            return tell(rendering.name, ended)
        if waiting := [reason(pod) for pod in pods if not logs.has(pod)]:
            status.show(f"{rendering.name}: {', '.join(waiting)}")
        time.sleep(INTERVAL)


def conditions(job: dict[str, Any]) -> dict[str, str]:
    """Return how a Job has ended, each condition with its reason; nothing while it runs."""
    return {
        one["type"]: f"{one.get('reason', '')}: {one.get('message', '')}".strip(": ")
        for one in job.get("status", {}).get("conditions", [])
        if one["status"] == "True" and one["type"] in ("Complete", "Failed")
    }


def tell(name: str, ended: dict[str, str]) -> int:
    """Say how a run has ended, and return the exit code."""
    if "Failed" in ended:
        print(f"{name} has failed. {ended['Failed']}")
        return 1
    print(f"{name} is complete.")
    return 0


def reason(pod: dict[str, Any]) -> str:
    """Return why a pod does not run yet."""
    state = pod.get("status", {})
    for container in state.get("containerStatuses", []):
        if waiting := container["state"].get("waiting"):
            return f"{pod['metadata']['name']} {waiting.get('reason', 'waits')}"
    for condition in state.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return f"{pod['metadata']['name']} {condition.get('message', 'waits for a node')}"
    return f"{pod['metadata']['name']} {state.get('phase', 'Pending')}"
