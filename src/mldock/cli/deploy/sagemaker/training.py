"""`train`: a training job, followed to its end."""

from __future__ import annotations

import json
import math
import re
from argparse import Namespace
from typing import Any

from botocore.exceptions import ClientError
from mldock import ContainerError
from mldock.cli.deploy.sagemaker.hosts import disk_key, vpc
from mldock.cli.deploy.sagemaker.image import Image, pushed_image
from mldock.cli.deploy.sagemaker.inputs import input_channels, training_variables, uses_checkpoints
from mldock.cli.deploy.sagemaker.logs import Logs
from mldock.cli.deploy.sagemaker.names import as_tags, job_name
from mldock.cli.deploy.sagemaker.target import Target, target_of
from mldock.cli.deploy.sagemaker.waiting import follow

GROUP = "/aws/sagemaker/TrainingJobs"
ENDS = {"Completed", "Failed", "Stopped"}
METRIC = re.compile(r"metric: (?P<name>[^=]+)=(?P<value>[^;]+);")

# Faults of SageMaker's own, not of the container, begin the job anew.
ATTEMPTS = 2


def train(arguments: Namespace) -> int:
    """Start a training job and return 0 if it is completed."""
    target = target_of(arguments, "role", "output")
    image = pushed_image(target, arguments.tag)
    request = training_request(target, image, arguments)
    name = request["TrainingJobName"]
    start(target.client, request)
    resources = request["ResourceConfig"]
    print(f"Started {name} on {resources['InstanceCount']} x {resources['InstanceType']}.")
    if arguments.no_wait:
        print(f"It goes on. {elsewhere(target, name)}")
        return 0
    answer, metrics = watch(target, name, resources["InstanceCount"])
    return tell(target, answer, metrics)


def training_request(target: Target, image: Image, arguments: Namespace) -> dict[str, Any]:
    """Return what CreateTrainingJob is asked for."""
    settings, project = target.settings, target.project
    training = settings.training
    key = {"KmsKeyId": settings.kms_key} if settings.kms_key else {}
    seconds = math.ceil(training.max_hours * 3600)
    request: dict[str, Any] = {
        "TrainingJobName": job_name(target.base, image.tag),
        "AlgorithmSpecification": {"TrainingImage": image.name, "TrainingInputMode": "File"},
        "RoleArn": settings.role,
        "HyperParameters": hyperparameters(project.hyperparameters, arguments.hyperparameters),
        "Environment": training_variables(target, arguments),
        "OutputDataConfig": {"S3OutputPath": str(settings.output).rstrip("/"), **key},
        "ResourceConfig": {
            "InstanceType": training.instance_type,
            "InstanceCount": project.hosts,
            "VolumeSizeInGB": training.volume_gb,
            **disk_key("VolumeKmsKeyId", settings.kms_key, training.instance_type),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": seconds},
        "RetryStrategy": {"MaximumRetryAttempts": ATTEMPTS},
        "Tags": as_tags(image.tags),
        **vpc(settings),
    }
    if channels := input_channels(target):
        request["InputDataConfig"] = channels
    checkpoints = uses_checkpoints(project)
    if training.spot:
        request["EnableManagedSpotTraining"] = True
        request["StoppingCondition"]["MaxWaitTimeInSeconds"] = waiting_time(target)
        if not project.checkpoints:
            # By project and stage, so that the next job goes on where a failed one has ended.
            checkpoints = f"{str(settings.output).rstrip('/')}/checkpoints/{target.base}"
    if checkpoints:
        request["CheckpointConfig"] = {"S3Uri": checkpoints}
    return request


def hyperparameters(values: dict[str, Any], given: list[list[str]]) -> dict[str, str]:
    """Return hyperparameters as SageMaker takes them: text, which here is JSON.

    Those of the command line stay as they were written. They are in MLDOCK_HYPERPARAMETERS too:
    there, the container refuses a name that it does not know.
    """
    return {**{name: json.dumps(value) for name, value in values.items()}, **dict(given)}


def waiting_time(target: Target) -> int:
    """Return the seconds that a job with spot may take, the wait for capacity included."""
    training = target.settings.training
    hours = training.max_wait_hours or training.max_hours
    if hours < training.max_hours:
        raise ContainerError(
            f"mldock.json: sagemaker.training.max_wait_hours ({hours:g}) is less than max_hours "
            f"({training.max_hours:g}), and it includes them. Raise it, or lower max_hours."
        )
    return math.ceil(hours * 3600)


def start(client: Any, request: dict[str, Any]) -> None:
    """Create the job; one of that name is the same job, whose first answer was lost."""
    try:
        client.create_training_job(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUse":
            raise


def watch(target: Target, name: str, hosts: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Wait for the end of a job; return what it is then, and the last value of each metric."""
    metrics: dict[str, str] = {}

    def read(line: str) -> None:
        metrics.update({match["name"]: match["value"] for match in METRIC.finditer(line)})

    answer = follow(
        lambda: target.client.describe_training_job(TrainingJobName=name),
        lambda answer: answer["TrainingJobStatus"] in ENDS,
        steps,
        Logs(target.account, GROUP, f"{name}/", by_host=hosts > 1),
        read=read,
        left=lambda: f"The job {name} goes on. {elsewhere(target, name)}",
    )
    return answer, metrics


def steps(answer: dict[str, Any]) -> list[str]:
    """Return what SageMaker has done so far."""
    transitions = answer.get("SecondaryStatusTransitions") or [
        {"Status": answer["SecondaryStatus"]}
    ]
    return [": ".join(filter(None, [it["Status"], it.get("StatusMessage")])) for it in transitions]


def elsewhere(target: Target, name: str) -> str:
    """Say how to watch a job and how to stop it."""
    region = target.account.region
    return (
        "See its log and stop it with:\n"
        f"  aws logs tail {GROUP} --log-stream-name-prefix {name}/ --follow --region {region}\n"
        f"  aws sagemaker stop-training-job --training-job-name {name} --region {region}"
    )


def tell(target: Target, answer: dict[str, Any], metrics: dict[str, str]) -> int:
    """Say how a job has ended and return the exit code."""
    name, status = answer["TrainingJobName"], answer["TrainingJobStatus"]
    if metrics:
        print("Metrics: " + ", ".join(f"{key} = {value}" for key, value in metrics.items()))
    model = answer.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if status != "Completed":
        reason = answer.get("FailureReason") or answer["SecondaryStatus"]
        kept = f" What it had saved is in {model}." if model and status == "Stopped" else ""
        raise ContainerError(f"The job {name} has not been completed ({status}): {reason}{kept}")
    stage = f" --stage {target.stage}" if target.stage else ""
    print(f"Model: {model}\nServe it: nox -s deploy -- sagemaker endpoint{stage}")
    return 0
