"""What deploy/kubernetes/ describes for a stage, as kustomize builds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from mldock import ContainerError
from mldock.cli.deploy.kubernetes.cluster import kustomize
from mldock.cli.environment import ROOT

OVERLAYS = ROOT / "deploy" / "kubernetes" / "overlays"

# What runs the container, and where in it the pod is.
PODS = {
    "Deployment": "/spec/template/spec",
    "Job": "/spec/template/spec",
    "CronJob": "/spec/jobTemplate/spec/template/spec",
}


@dataclass(frozen=True)
class Workload:
    """The object that runs the container.

    Attributes:
        kind: `Deployment`, `Job` or `CronJob`.
        name: Its name.
        labels: Its labels.
        pod: The pod that it makes.
        container: The number of our container in that pod.

    """

    kind: str
    name: str
    labels: dict[str, str]
    pod: dict[str, Any]
    container: int

    @property
    def selector(self) -> str:
        """What its pods are found by, and all that belongs to it."""
        return selector(self.labels)


def stage_of(stage: str | None) -> str:
    """Return the chosen stage; here each has its own folder, so that one must be chosen."""
    if not OVERLAYS.is_dir():
        raise ContainerError(
            "This project has no deploy/kubernetes/overlays, which describe what a cluster runs. "
            "Its template has them: pipx run copier update --data deploy=kubernetes, or, with "
            "SageMaker too, --data deploy=kubernetes-and-sagemaker."
        )
    there = sorted(path.name for path in OVERLAYS.iterdir() if path.is_dir())
    if stage not in there:
        missing = f"has no {stage!r}" if stage else "has a folder a stage, and none is chosen"
        raise ContainerError(
            f"deploy/kubernetes/overlays {missing}. Use one of these: "
            + ", ".join(f"--stage {name}" for name in there)
            + ("; or copy a folder and change its values." if stage else ".")
        )
    return stage


def overlay_folder(kind: str, stage: str) -> Path:
    """Return the folder that describes the server or the training of a stage."""
    return OVERLAYS / stage / kind


def read_objects(kind: str, stage: str) -> list[dict[str, Any]]:
    """Return the objects of the server or the training, as the overlay says."""
    return list(yaml.safe_load_all(kustomize(str(overlay_folder(kind, stage)))))


def read_workload(kind: str, stage: str) -> Workload:
    """Return what runs the container.

    Raises:
        ContainerError: There is none that this tool knows.

    """
    for found in read_objects(kind, stage):
        if path := PODS.get(found["kind"]):
            pod = found
            for key in path.strip("/").split("/"):
                pod = pod[key]
            names = [container["name"] for container in pod["containers"]]
            if kind not in names:
                raise ContainerError(
                    f"{found['kind']} {found['metadata']['name']} of the stage {stage!r} has no "
                    f"container called {kind!r}. Give it that name in deploy/kubernetes/."
                )
            metadata = found["metadata"]
            labels = metadata.get("labels", {})
            return Workload(found["kind"], metadata["name"], labels, pod, names.index(kind))
    folder = overlay_folder(kind, stage).relative_to(ROOT)
    raise ContainerError(
        f"{folder} has no {', '.join(PODS)}. What it has is applied by kubectl itself: "
        f"kubectl apply --server-side -k {folder}"
    )


def selector(labels: dict[str, str]) -> str:
    """Return the selector of all that belongs to the server, or to the training."""
    names = ("app.kubernetes.io/name", "app.kubernetes.io/component")
    return ",".join(f"{name}={labels[name]}" for name in names)
