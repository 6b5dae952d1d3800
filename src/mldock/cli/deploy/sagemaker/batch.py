"""`batch`: predictions for files on S3."""

from __future__ import annotations

from argparse import Namespace

from mldock.cli.deploy.sagemaker.endpoint import create_once, model_request
from mldock.cli.deploy.sagemaker.target import open_target
from mldock.cli.deploy.sagemaker.train import follow_job

# Formats in which each line is a record, so that SageMaker can cut files and join them.
BY_LINE = {"text/csv", "application/jsonlines"}


def batch(arguments: Namespace) -> int:
    """Run a batch transform job and return 0 if it is completed."""
    target = open_target(arguments, "role", "image", *([] if arguments.output else ["output"]))
    hosts, name, kind = target.settings.batch, target.job, arguments.content_type
    output = arguments.output or f"{str(target.settings.output).rstrip('/')}/{name}"
    model, steps = model_request(target, arguments)
    steps += [
        f"hosts: {hosts.instance_count} x {hosts.instance_type}, until all is predicted",
        f"input: {arguments.input}",
        f"output: {output}, a NAME.out for each file",
    ]
    target.confirm(f"Start the transform job {name} ({target.region}):", steps, arguments)
    create_once(target, "model", model)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": arguments.input}}
    split = {"ContentType": kind, "SplitType": "Line" if kind in BY_LINE else "None"}
    target.client().create_transform_job(
        TransformJobName=name,
        ModelName=model["ModelName"],
        BatchStrategy="MultiRecord" if kind in BY_LINE else "SingleRecord",
        MaxPayloadInMB=6,
        TransformInput={"DataSource": source, **split},
        # Each answer ends its last line itself, so that SageMaker puts nothing between them.
        TransformOutput={"S3OutputPath": output, "Accept": kind, **target.key("KmsKeyId")},
        TransformResources={
            "InstanceType": hosts.instance_type,
            "InstanceCount": hosts.instance_count,
            **target.key("VolumeKmsKeyId", hosts.instance_type),
        },
        Tags=target.tags,
    )
    follow_job(target, "transform", name, arguments)
    return 0
