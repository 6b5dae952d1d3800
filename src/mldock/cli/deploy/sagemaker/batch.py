"""`batch`: files on S3, answered file by file."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.hosts import disk_key
from mldock.cli.deploy.sagemaker.image import Image, pushed_image
from mldock.cli.deploy.sagemaker.logs import Logs
from mldock.cli.deploy.sagemaker.model import make_model
from mldock.cli.deploy.sagemaker.names import as_tags, job_name
from mldock.cli.deploy.sagemaker.target import Target, target_of
from mldock.cli.deploy.sagemaker.waiting import follow

GROUP = "/aws/sagemaker/TransformJobs"
ENDS = {"Completed", "Failed", "Stopped"}

# Formats in which each line is a record, so that SageMaker can cut files and put them together.
BY_LINE = {"text/csv", "application/jsonlines"}

# Of a request, in MB.
PAYLOAD = 6


def batch(arguments: Namespace) -> int:
    """Run a batch transform job and return 0 if it is completed."""
    target = target_of(arguments, "role", *([] if arguments.output else ["output"]))
    for name in ("input", "output"):
        place = getattr(arguments, name)
        if place and not place.startswith("s3://"):
            raise ContainerError(f"--{name} {place} is no place on S3. Write s3://BUCKET/PREFIX.")
    image = pushed_image(target, arguments.tag)
    request = transform_request(
        target, image, make_model(target, image, arguments.model), arguments
    )
    target.client.create_transform_job(**request)
    name, output = request["TransformJobName"], request["TransformOutput"]["S3OutputPath"]
    print(f"Started {name}.")
    if arguments.no_wait:
        print(f"Answers will lie in {output}.\n{elsewhere(target, name)}")
        return 0
    answer = follow(
        lambda: target.client.describe_transform_job(TransformJobName=name),
        lambda answer: answer["TransformJobStatus"] in ENDS,
        lambda answer: [answer["TransformJobStatus"]],
        Logs(target.account, GROUP, f"{name}/"),
        left=lambda: f"The job {name} goes on. {elsewhere(target, name)}",
    )
    if answer["TransformJobStatus"] != "Completed":
        reason = answer.get("FailureReason") or "SageMaker gives no reason."
        raise ContainerError(
            f"The job {name} has not been completed ({answer['TransformJobStatus']}): {reason}"
        )
    print(f"Answers: {output}, one file (NAME.out) for each of {arguments.input}")
    return 0


def transform_request(
    target: Target, image: Image, model: str, arguments: Namespace
) -> dict[str, Any]:
    """Return what CreateTransformJob is asked for."""
    settings, content_type = target.settings, arguments.content_type
    name = job_name(target.base, image.tag)
    by_line = content_type in BY_LINE
    key = settings.kms_key
    return {
        "TransformJobName": name,
        "ModelName": model,
        "BatchStrategy": "MultiRecord" if by_line else "SingleRecord",
        "MaxPayloadInMB": PAYLOAD,
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": arguments.input}},
            "ContentType": content_type,
            "SplitType": "Line" if by_line else "None",
        },
        "TransformOutput": {
            "S3OutputPath": arguments.output or f"{str(settings.output).rstrip('/')}/{name}",
            # As it came. Each answer ends its last line itself: nothing is put between them.
            "Accept": content_type,
            **({"KmsKeyId": key} if key else {}),
        },
        "TransformResources": {
            "InstanceType": settings.batch.instance_type,
            "InstanceCount": settings.batch.instance_count,
            **disk_key("VolumeKmsKeyId", key, settings.batch.instance_type),
        },
        "Tags": as_tags(image.tags),
    }


def elsewhere(target: Target, name: str) -> str:
    """Say how to watch a job and how to stop it."""
    region = target.account.region
    return (
        "See its log and stop it with:\n"
        f"  aws logs tail {GROUP} --log-stream-name-prefix {name}/ --follow --region {region}\n"
        f"  aws sagemaker stop-transform-job --transform-job-name {name} --region {region}"
    )
