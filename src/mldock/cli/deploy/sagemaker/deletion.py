"""`delete`: the endpoint, its configurations and models; what lies in S3 stays."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.account import found
from mldock.cli.deploy.sagemaker.endpoint import settled, take_down
from mldock.cli.deploy.sagemaker.names import base_name
from mldock.cli.deploy.sagemaker.scaling import Scaling
from mldock.cli.deploy.sagemaker.target import Target, target_of
from mldock.cli.environment import ROOT
from mldock.project import read_project

# In this order nothing is deleted that something else still needs.
KINDS = {"Endpoint": "endpoint", "EndpointConfig": "configuration", "Model": "model"}


def delete(arguments: Namespace) -> int:
    """Delete what this project has on SageMaker, and return 0."""
    everything: bool = arguments.all
    if everything and arguments.stage:
        raise ContainerError("--all means all stages. Leave out --stage, or --all.")
    stages = [arguments.stage]
    if everything:
        stages = [None, *read_project(ROOT / "mldock.json").stages]
    targets = [target_of(Namespace(stage=stage)) for stage in stages]
    count = 0
    for kind in KINDS:
        for target in targets:
            for name in list(owned(target, kind, everything)):
                remove(target, kind, name)
                print(f"Deleted the {KINDS[kind]} {name}.")
                count += 1
    if count == 0:
        place = "at any stage" if everything else f"at the stage {arguments.stage}"
        known = place if everything or arguments.stage else "without a stage"
        print(f"SageMaker has nothing of {targets[0].project.image_name} {known}.")
    return 0


def owned(target: Target, kind: str, everything: bool) -> Iterator[str]:
    """Yield the names of a kind of thing that is of this project and stage."""
    client = target.client
    # A name that is too long keeps its beginning at least.
    stage = None if everything else target.stage
    part = base_name(target.project.image_name, stage)[:21].rstrip("-")
    # mldock.json may call the endpoint as it likes.
    if kind == "Endpoint" and part not in target.endpoint:
        answer = found(client.describe_endpoint, EndpointName=target.endpoint)
        if answer and target.owns(answer["EndpointArn"], any_stage=everything):
            yield target.endpoint
    pages = client.get_paginator(f"list_{snake(kind)}s").paginate(NameContains=part)
    for page in pages:
        for item in page[f"{kind}s"]:
            if part in item[f"{kind}Name"] and target.owns(
                item[f"{kind}Arn"], any_stage=everything
            ):
                yield item[f"{kind}Name"]


def remove(target: Target, kind: str, name: str) -> None:
    """Delete one thing."""
    if kind == "Endpoint":
        Scaling(target.account, name).turn_off()
        # SageMaker refuses to delete what it is just changing.
        if settled(target, name):
            take_down(target, name)
        return
    call: Any = getattr(target.client, f"delete_{snake(kind)}")
    call(**{f"{kind}Name": name})


def snake(kind: str) -> str:
    """Return a kind as the client's methods spell it."""
    return "endpoint_config" if kind == "EndpointConfig" else kind.lower()
