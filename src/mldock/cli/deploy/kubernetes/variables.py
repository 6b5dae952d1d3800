"""The environment of the container: what mldock.json says of the stage, without secrets."""

from __future__ import annotations

import re
from argparse import Namespace

from mldock import ContainerError
from mldock.cli.workspace import run_variables
from mldock.project import DeclaredChannel, Project

CREDENTIAL = re.compile(
    r"SECRET|PASSWORD|PASSWD|CREDENTIAL|CONNECTION_STRING"
    r"|(^|_)(TOKEN|API_?KEY|ACCESS_?KEY|ACCOUNT_?KEY|PRIVATE_?KEY|SAS)(_|$)"
)
USER_IN_URL = re.compile(r"://[^/@:\s]*:[^/@\s]+@")


def variables_of(kind: str, project: Project, options: Namespace) -> dict[str, str]:
    """Return the variables of the server or of a training.

    Raises:
        ContainerError: One of them looks like a credential.

    """
    if kind == "serve":
        update = {"data": [], "checkpoints": None, "model": served(project.model)}
        project = project.model_copy(update=update)
    variables = run_variables(project, options)
    for name, value in variables.items():
        if CREDENTIAL.search(name.upper()) or USER_IN_URL.search(value):
            raise ContainerError(
                f"{name} looks like a credential, and would be read by all who may read the "
                "namespace's ConfigMaps. Take it out of mldock.json and put it into a Secret: "
                f"`kubectl create secret generic NAME --from-env-file=.env`; name that in envFrom "
                f"of deploy/kubernetes/base/{kind}: `- secretRef: {{name: NAME}}`."
            )
    return variables


def served(channels: list[DeclaredChannel]) -> list[DeclaredChannel]:
    """Return what a server fetches: what training stores, unless an input of that name is said."""
    inputs = [channel for channel in channels if channel.direction == "input"]
    names = {channel.name for channel in inputs}
    stored = [
        DeclaredChannel(name=channel.name, remote=channel.remote)
        for channel in channels
        if channel.direction == "output" and channel.remote and channel.name not in names
    ]
    return [*inputs, *stored]
