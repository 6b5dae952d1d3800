"""What a run changes in the overlay: its image, its variables, its hosts and its time to stop."""

from __future__ import annotations

import math
from typing import Any

from mldock.cli.deploy.kubernetes.overlay import PODS, Workload

# preStop, and what the processes take to end: base/serve/serve.yaml.
STOP_SERVER = 20
STOP_TRAINING = 10

# A host that dies ends the others, and each of them counts.
RETRIES = 3


def pod_patches(
    kind: str, workload: Workload, image: str, variables: dict[str, str]
) -> list[dict[str, Any]]:
    """Return what sets the image, the variables and the time that a pod has to stop."""
    pod = PODS[workload.kind]
    container = f"{pod}/containers/{workload.container}"
    source = {"configMapRef": {"name": f"{workload.name}-values"}}
    patches: list[dict[str, Any]] = [
        {"op": "replace", "path": f"{container}/image", "value": image},
        # Of several sources the last one wins.
        append(workload, "envFrom", source),
    ]
    said = workload.pod.get("terminationGracePeriodSeconds", 30)
    if (needed := grace_of(kind, variables)) > said:
        path = f"{pod}/terminationGracePeriodSeconds"
        patches.append({"op": "add", "path": path, "value": needed})
    return patches


def grace_of(kind: str, variables: dict[str, str]) -> int:
    """Return how many seconds a pod needs between the order to stop and its end."""
    if kind == "train":
        return STOP_TRAINING + seconds(variables, "MLDOCK_STOP_GRACE", 110)
    drain = seconds(variables, "MLDOCK_SERVER_DRAIN", 10)
    return STOP_SERVER + drain + seconds(variables, "MLDOCK_SERVER_TIMEOUT", 60)


def seconds(variables: dict[str, str], name: str, default: int) -> int:
    """Return a time out of a variable; one that is not a time is refused by the container."""
    try:
        return math.ceil(float(variables.get(name, default)))
    except ValueError:
        return default


def host_patches(workload: Workload, hosts: int) -> list[dict[str, Any]]:
    """Return what makes a run one of several hosts, and tells each of them all their names."""
    pod = PODS[workload.kind]
    job = pod.removesuffix("/template/spec")
    subdomain = workload.pod.get("subdomain", workload.name)
    names = ",".join(f"$(JOB_NAME)-{index}.{subdomain}" for index in range(hosts))
    said = workload.pod["containers"][workload.container].get("env", [])
    listed = [variable["name"] for variable in said]
    variable = {"name": "MLDOCK_HOSTS", "value": names}
    if "MLDOCK_HOSTS" in listed:
        path = f"{pod}/containers/{workload.container}/env/{listed.index('MLDOCK_HOSTS')}"
        known: dict[str, Any] = {"op": "replace", "path": path, "value": variable}
    else:
        known = append(workload, "env", variable)
    return [
        {"op": "add", "path": f"{job}/completions", "value": hosts},
        {"op": "add", "path": f"{job}/parallelism", "value": hosts},
        {"op": "add", "path": f"{job}/backoffLimit", "value": RETRIES * hosts},
        known,
    ]


def append(workload: Workload, field: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return what puts a value at the end of a list of the container, which may not be there.

    What the list has already is not written again: kustomize knows ConfigMaps by their names.
    """
    path = f"{PODS[workload.kind]}/containers/{workload.container}/{field}"
    if field in workload.pod["containers"][workload.container]:
        return {"op": "add", "path": f"{path}/-", "value": value}
    return {"op": "add", "path": path, "value": [value]}
