"""kubectl: each command names the context of the stage, so that no other cluster is touched."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from mldock import ContainerError
from mldock.cli.environment import ROOT
from mldock.project import Project

# Of one request; a cluster that cannot be reached is told of soon.
TIMEOUT = "--request-timeout=60s"


class Cluster:
    """The cluster and the namespace of a stage."""

    def __init__(self, project: Project, stage: str) -> None:
        self.context = project.kubernetes.context
        self.namespace = project.kubernetes.namespace
        if not self.context:
            raise ContainerError(
                f"mldock.json names no cluster for the stage {stage!r}. Add one to the stage: "
                '"kubernetes": {"context": "NAME", "namespace": "NAME"}. '
                "`kubectl config get-contexts` lists the contexts that you have."
            )

    def command(self, *arguments: str) -> list[str]:
        """Return a command line of kubectl for this cluster."""
        place = [f"--context={self.context}"]
        if self.namespace:
            place.append(f"--namespace={self.namespace}")
        return ["kubectl", *place, *arguments]

    def run(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl to its end and return what it prints."""
        return run([*self.command(*arguments), TIMEOUT], text=text)

    def get(self, *arguments: str) -> dict[str, Any]:
        """Return an object, or a list of objects."""
        found: dict[str, Any] = json.loads(self.run("get", *arguments, "--output=json"))
        return found

    def apply(self, text: str) -> None:
        """Make the cluster's objects those of the text; what others have set there yields."""
        apply = ("apply", "--server-side", "--force-conflicts", "--field-manager=mldock")
        print(f"Asking the cluster {self.context}.", flush=True)
        print(self.run(*apply, "--filename=-", text=text), end="")


def kustomize(folder: str) -> str:
    """Return what a kustomization builds; no cluster is asked."""
    return run(["kubectl", "kustomize", folder])


def run(command: list[str], text: str | None = None) -> str:
    """Run kubectl to its end and return what it prints.

    Raises:
        ContainerError: There is no kubectl, or it has failed.

    """
    try:
        result = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT)
    except FileNotFoundError as error:
        raise no_kubectl() from error
    if result.returncode:
        said = result.stderr.strip() or f"exit code {result.returncode}"
        verb = next(word for word in command[1:] if not word.startswith("-"))
        raise ContainerError(f"kubectl {verb} failed. {said}")
    return result.stdout


def no_kubectl() -> ContainerError:
    """Return what a person is told who has no kubectl."""
    return ContainerError(
        "There is no kubectl command. Install version 1.28 or newer: "
        "https://kubernetes.io/docs/tasks/tools."
    )
