"""What a training job reads: channels that SageMaker fetches, and those that the container does.

SageMaker reads S3 only, and unpacks nothing; the rest, the container fetches as it does elsewhere,
by its variables.
"""

from __future__ import annotations

import re
from argparse import Namespace
from typing import Any

from botocore.exceptions import ClientError
from mldock import ContainerError
from mldock.channels import variable_for
from mldock.checkpoints import VARIABLE as CHECKPOINTS
from mldock.cli.deploy.sagemaker.target import Target
from mldock.cli.workspace import run_variables
from mldock.environment import Environment, platform_of
from mldock.errors import telling
from mldock.project import DeclaredChannel, Project
from mldock.stores import split_uri

VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

# Of a variable's value, as SageMaker admits it for training and for serving.
TRAINING_LENGTH = 512
SERVING_LENGTH = 1024


def input_channels(target: Target) -> list[dict[str, Any]]:
    """Return the channels that SageMaker fetches before the container starts."""
    return [
        {
            "ChannelName": channel.name,
            "InputMode": "File",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": existing(target, channel),
                    "S3DataDistributionType": "FullyReplicated",
                }
            },
        }
        for channel in target.project.data
        if is_fetched_by_platform(channel)
    ]


def training_variables(target: Target, options: Namespace) -> dict[str, str]:
    """Return the environment of a training job.

    Raises:
        ContainerError: A place is out of SageMaker's reach, or a variable not as it admits them.

    """
    project = target.project
    for kind, channels in (("data", project.data), ("model", project.model)):
        for channel in channels:
            check_reach(channel, kind, target.stage)
    if project.checkpoints and not is_remote(project.checkpoints):
        raise ContainerError(
            f"mldock.json keeps checkpoints in {project.checkpoints}, which SageMaker cannot "
            "reach. Use s3://, gs:// or az://."
        )
    kept = project.model_copy(
        update={
            "data": [one for one in project.data if not is_fetched_by_platform(one)],
            # SageMaker keeps the model itself, as model.tar.gz.
            "model": [one for one in project.model if one.direction == "input"],
        }
    )
    variables = run_variables(kept, options)
    if is_on_s3(project.checkpoints):
        # SageMaker moves them to and fro; the container would do so a second time.
        del variables[CHECKPOINTS]
    return checked(variables, TRAINING_LENGTH)


def serving_variables(target: Target) -> dict[str, str]:
    """Return the environment of a model: all it needs of files comes in model.tar.gz."""
    bare = target.project.model_copy(update={"data": [], "model": [], "checkpoints": None})
    options = Namespace(stage=target.stage, environment=[], hyperparameters=[])
    return checked(run_variables(bare, options), SERVING_LENGTH)


def checked(variables: dict[str, str], length: int) -> dict[str, str]:
    """Refuse what SageMaker would, with the name that a person knows it by."""
    for name, value in variables.items():
        if not VARIABLE.fullmatch(name):
            raise ContainerError(
                f"SageMaker has no variable {name}: it admits letters, digits and _ only. Rename "
                "it, or the channel that it declares, in mldock.json."
            )
        if len(value) > length:
            raise ContainerError(
                f"{name} has {len(value)} characters, and SageMaker admits {length}. Shorten it."
            )
    return variables


def check_reach(channel: DeclaredChannel, kind: str, stage: str | None) -> None:
    """Refuse a channel that is a folder of this machine."""
    if (channel.remote and is_remote(channel.remote)) or (
        channel.direction == "output" and not channel.remote
    ):
        return
    options = "".join(
        [
            " --model" if kind == "model" else "",
            " --output" if channel.direction == "output" else "",
            f" --stage {stage}" if stage else "",
        ]
    )
    name = channel.name
    raise ContainerError(
        f"The {kind} channel {name!r} lies on this machine, which SageMaker cannot read. Give it "
        "a remote, and store its files there:\n"
        f"  nox -s data -- add {name} s3://BUCKET/{name} --replace{options}\n"
        f"  nox -s data -- push {name}{options}"
    )


def existing(target: Target, channel: DeclaredChannel) -> str:
    """Return the S3 prefix of a channel, as a folder or as one object.

    Without the slash at its end `s3://bucket/data` would also mean what lies in `data-old`.
    """
    remote = channel.remote or ""
    variable = variable_for("data", channel.direction, channel.name)
    with telling(variable):
        bucket, key = split_uri(remote)
    folder = f"{key}/" if key else ""
    client = target.account.client("s3")
    try:
        if client.list_objects_v2(Bucket=bucket, Prefix=folder, MaxKeys=1).get("Contents"):
            return f"s3://{bucket}/{folder}"
        for item in client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get(
            "Contents", ()
        ):
            if item["Key"] == key:
                return f"s3://{bucket}/{key}"
    except ClientError as error:
        code = error.response["Error"]["Code"]
        # The role that the containers have may read what a person may not list.
        if code == "AccessDenied":
            return f"s3://{bucket}/{folder}"
        if code == "NoSuchBucket":
            raise ContainerError(
                f"{variable}={remote}: there is no such bucket. Make it, or correct mldock.json."
            ) from error
        raise
    stage = f" --stage {target.stage}" if target.stage else ""
    raise ContainerError(
        f"The channel {channel.name!r} has no files at {remote}. Store them: "
        f"nox -s data -- push {channel.name}{stage}"
    )


def is_fetched_by_platform(channel: DeclaredChannel) -> bool:
    """Say whether SageMaker can do what the container does elsewhere."""
    return channel.direction == "input" and is_on_s3(channel.remote) and not channel.unpack


def is_on_s3(place: str | None) -> bool:
    """Say whether a place is on S3."""
    return bool(place) and str(place).startswith("s3://")


def is_remote(place: str) -> bool:
    """Say whether a place is none of this machine."""
    return platform_of(place) is not Environment


def uses_checkpoints(project: Project) -> str | None:
    """Return the place on S3 where mldock.json keeps checkpoints, if it is there."""
    return project.checkpoints if is_on_s3(project.checkpoints) else None
