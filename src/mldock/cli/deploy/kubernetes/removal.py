"""Deleting the server, the training runs, or both. Disks stay: they hold data and models."""

from __future__ import annotations

from argparse import Namespace

from mldock.cli.deploy.kubernetes import KINDS
from mldock.cli.deploy.kubernetes.cluster import Cluster
from mldock.cli.deploy.kubernetes.overlay import read_objects, selector, stage_of
from mldock.cli.workspace import staged_project

# Made by others of the overlay's, or by earlier runs.
ALSO = {"ConfigMap", "Job.batch"}
KEPT = "PersistentVolumeClaim"


def delete(options: Namespace) -> int:
    """Delete all that belongs to the server or to the runs, whatever put it there."""
    stage = stage_of(options.stage)
    cluster = Cluster(staged_project(options), stage)
    for kind in [options.kind] if options.kind else KINDS:
        objects = [one for one in read_objects(kind, stage) if one["kind"] != KEPT]
        kinds = {qualified(one["apiVersion"], one["kind"]) for one in objects} | ALSO
        labels = objects[0]["metadata"]["labels"]
        delete = ("delete", ",".join(sorted(kinds)), f"--selector={selector(labels)}")
        deleted = cluster.run(*delete, "--ignore-not-found")
        print(deleted or f"There is nothing to delete of {kind} at the stage {stage}.\n", end="")
    return 0


def qualified(version: str, kind: str) -> str:
    """Return the name of a kind that no other group has: `Deployment.apps`."""
    group, slash, _ = version.rpartition("/")
    return f"{kind}.{group}" if slash else kind
