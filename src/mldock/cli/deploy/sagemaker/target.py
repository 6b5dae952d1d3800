"""What a command is about: a project at a stage, in an account."""

from __future__ import annotations

import json
from argparse import Namespace
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.account import Account, open_account, region_of
from mldock.cli.deploy.sagemaker.names import PROJECT, STAGE, base_name, read_tags
from mldock.cli.registry.commits import commit
from mldock.cli.workspace import staged_project
from mldock.deployment import Sagemaker
from mldock.project import Project

EXAMPLES = {
    "region": "eu-west-1",
    "role": "arn:aws:iam::123456789012:role/NAME",
    "output": "s3://BUCKET/PREFIX",
}


@dataclass(frozen=True)
class Target:
    """A project at a stage, in an account."""

    project: Project
    stage: str | None
    account: Account

    @property
    def settings(self) -> Sagemaker:
        """What mldock.json says of SageMaker."""
        return self.project.sagemaker

    @cached_property
    def client(self) -> Any:
        """A client of SageMaker."""
        return self.account.client("sagemaker")

    @property
    def base(self) -> str:
        """What the names on SageMaker begin with."""
        return base_name(self.project.image_name, self.stage)

    @property
    def endpoint(self) -> str:
        """The name of the endpoint."""
        return self.settings.endpoint.name or self.base

    def tags(self, tag: str, chosen: bool) -> dict[str, str]:
        """Return the tags of what is made: whose it is, and of which state of the project."""
        pairs = {PROJECT: self.project.image_name, "mldock:version": self.project.version}
        if self.stage:
            pairs[STAGE] = self.stage
        pairs["mldock:image-tag"] = tag
        if not chosen:
            # A tag that a person has chosen says nothing of the commit.
            with suppress(ContainerError):
                pairs["mldock:commit"] = commit()
        return pairs

    def owns(self, arn: str, *, any_stage: bool = False) -> bool:
        """Say whether a thing on SageMaker is of this project and stage, as its tags tell."""
        tags = read_tags(self.client, arn)
        return tags.get(PROJECT) == self.project.image_name and (
            any_stage or tags.get(STAGE) == self.stage
        )


def target_of(arguments: Namespace, *needed: str) -> Target:
    """Return what the options of a command choose.

    Args:
        arguments: The options.
        needed: Settings of SageMaker that the command cannot do without.

    Raises:
        ContainerError: mldock.json lacks one of them, or nobody is signed in.

    """
    project = staged_project(arguments)
    region = region_of(project.sagemaker.region)
    said = {**project.sagemaker.model_dump(), "region": region}
    missing = {key: EXAMPLES[key] for key in ("region", *needed) if said[key] is None}
    if missing or region is None:
        place = f', or to its stage "{arguments.stage}"' if arguments.stage else ""
        raise ContainerError(
            f"SageMaker needs to know {' and '.join(missing)}. Add to mldock.json{place}:\n"
            f'  "sagemaker": {json.dumps(missing)}'
        )
    return Target(project, arguments.stage, open_account(region))
