"""What is applied: the overlay of a stage, with the image of this commit and mldock.json's values.

It is a kustomization of its own, in `.mldock/deploy/`, so that a person can look at it.
"""

from __future__ import annotations

import json
import os
import shutil
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldock.cli.deploy.kubernetes.cluster import kustomize
from mldock.cli.deploy.kubernetes.overlay import Workload, overlay_folder, read_workload, stage_of
from mldock.cli.deploy.kubernetes.patches import host_patches, pod_patches
from mldock.cli.deploy.kubernetes.variables import variables_of
from mldock.cli.registry.names import remote_image
from mldock.cli.workspace import BASE_DIR, staged_project
from mldock.project import Project

LABELS = ("app.kubernetes.io/name", "app.kubernetes.io/component")


@dataclass(frozen=True)
class Rendering:
    """What is applied.

    Attributes:
        text: All objects, as YAML.
        image: The image, with its tag.
        workload: What runs the container, before this run gave it a name.
        name: What it is called in the cluster.

    """

    text: str
    image: str
    workload: Workload
    name: str


def show(options: Namespace) -> int:
    """Print what `serve` or `train` would apply; no cluster is asked."""
    print(render(options.kind, options).text, end="")
    return 0


def render(kind: str, options: Namespace, run: str = "") -> Rendering:
    """Build what is applied.

    Args:
        kind: `serve` or `train`.
        options: The stage, the tag and what a person adds to mldock.json.
        run: What is put behind the name of a Job, so that each run has one.

    """
    stage = stage_of(options.stage)
    project = staged_project(options)
    workload = read_workload(kind, stage)
    image = remote_image(project, options.tag)
    variables = variables_of(kind, project, options)
    name = f"{workload.name}-{run}" if run and workload.kind == "Job" else workload.name
    patches = pod_patches(kind, workload, image, variables)
    if kind == "train" and project.hosts > 1:
        patches += host_patches(workload, project.hosts)
    if name != workload.name:
        patches.append({"op": "replace", "path": "/metadata/name", "value": name})
    folder = BASE_DIR / "deploy" / stage / kind
    write(folder, kustomization(folder, kind, stage, workload, project, variables, patches))
    for variable, value in variables.items():
        (folder / "variables" / variable).write_text(value, encoding="utf-8")
    return Rendering(kustomize(str(folder)), image, workload, name)


def kustomization(
    folder: Path,
    kind: str,
    stage: str,
    workload: Workload,
    project: Project,
    variables: dict[str, str],
    patches: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return the layer on top of the overlay."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(overlay_folder(kind, stage), folder)],
        "labels": [
            {"pairs": {"app.kubernetes.io/version": project.version}, "includeTemplates": True}
        ],
        "configMapGenerator": [
            {
                "name": f"{workload.name}-values",
                "files": [f"{variable}=variables/{variable}" for variable in sorted(variables)],
                "options": {"labels": {name: workload.labels[name] for name in LABELS}},
            }
        ],
        "patches": [
            {
                "target": {"kind": workload.kind, "name": workload.name},
                "patch": json.dumps(patches),
                "options": {"allowNameChange": True},
            }
        ],
    }


def write(folder: Path, content: dict[str, Any]) -> None:
    """Write a kustomization in the place of an earlier one; JSON is YAML too."""
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "variables").mkdir(parents=True)
    text = json.dumps(content, indent=2) + "\n"
    (folder / "kustomization.yaml").write_text(text, encoding="utf-8")
