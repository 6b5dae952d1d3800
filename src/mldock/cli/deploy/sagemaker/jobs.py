"""`train` and `batch`: jobs, followed to their end."""

from __future__ import annotations

import json
import math
import re
from argparse import Namespace
from typing import Any

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.endpoint import create_once, model_request
from mldock.cli.deploy.sagemaker.target import Answer, Target, follow, open_target
from mldock.cli.workspace import run_variables
from mldock.project import DeclaredChannel

# Formats in which each line is a record, so that SageMaker can cut files and join them.
BY_LINE = {"text/csv", "application/jsonlines"}


def train(arguments: Namespace) -> int:
    """Run a training job and return 0 if it is completed."""
    target = open_target(arguments, "role", "output", "image", "data")
    request = training_request(target, arguments)
    hosts, hours = request["ResourceConfig"], max(request["StoppingCondition"].values()) / 3600
    steps = [
        f"image: {request['AlgorithmSpecification']['TrainingImage']}",
        f"hosts: {hosts['InstanceCount']} x {hosts['InstanceType']}, {hours:g} hours at most",
        f"output: {request['OutputDataConfig']['S3OutputPath']}/{target.job}",
    ]
    target.confirm(f"Start the training job {target.job} ({target.region}):", steps, arguments)
    target.client().create_training_job(**request)
    if answer := follow_job(target, "training", arguments):
        metrics = [f"{metric} = {value}" for metric, value in answer["Metrics"].items()]
        print(f"Metrics: {', '.join(metrics) or 'none'}")
        print(f"Model: {answer['ModelArtifacts']['S3ModelArtifacts']}")
    return 0


def training_request(target: Target, arguments: Namespace) -> Answer:
    """Return the request that starts the job."""
    settings, project, training = target.settings, target.project, target.settings.training
    output = str(settings.output).rstrip("/")
    # By project and stage, so that the next job continues where a failed one ended.
    by_stage = f"{output}/checkpoints/{target.base}" if training.spot else None
    checkpoints = project.checkpoints or by_stage
    is_on_s3 = str(checkpoints).startswith("s3://")
    on_s3 = [one for one in project.data if str(one.remote).startswith("s3://")]
    # SageMaker unpacks nothing. What it moves, the container would move a second time.
    fetched = [one for one in on_s3 if one.direction == "input" and not one.unpack]
    by_container = {
        "data": [one for one in project.data if one not in fetched],
        "model": [one for one in project.model if one.direction == "input"],
        "checkpoints": None if is_on_s3 else checkpoints,
    }
    options = Namespace(**vars(arguments), environment=[])
    values = {name: json.dumps(value) for name, value in project.hyperparameters.items()}
    image, tag = target.image(arguments.tag)
    request: dict[str, Any] = {
        "TrainingJobName": target.job,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": settings.role,
        "HyperParameters": {**values, **dict(arguments.hyperparameters)},
        "Environment": run_variables(project.model_copy(update=by_container), options),
        "OutputDataConfig": {"S3OutputPath": output, **target.key("KmsKeyId")},
        "ResourceConfig": {
            "InstanceType": training.instance_type,
            "InstanceCount": project.hosts,
            "VolumeSizeInGB": training.volume_gb,
            **target.key("VolumeKmsKeyId", training.instance_type),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": math.ceil(training.max_hours * 3600)},
        "Tags": [*target.tags, {"Key": "mldock:image", "Value": tag}],
        **target.network(),
    }
    # SageMaker refuses an empty list.
    if fetched:
        request["InputDataConfig"] = [channel(one) for one in fetched]
    if is_on_s3:
        request["CheckpointConfig"] = {"S3Uri": checkpoints}
    if training.spot:
        hours = training.max_wait_hours or training.max_hours
        request["EnableManagedSpotTraining"] = True
        request["StoppingCondition"]["MaxWaitTimeInSeconds"] = math.ceil(hours * 3600)
    return request


def channel(one: DeclaredChannel) -> Answer:
    """Return a channel in SageMaker's form."""
    place = str(one.remote)
    # Without a slash `s3://bucket/data` would also mean `data-old`; a suffix makes it a file.
    if not re.search(r"[^/]/([^/]+\.[^/]+)?$", place):
        place += "/"
    source = {"S3DataType": "S3Prefix", "S3Uri": place, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": one.name, "DataSource": {"S3DataSource": source}}


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
    follow_job(target, "transform", arguments)
    return 0


def follow_job(target: Target, kind: str, arguments: Namespace) -> Answer:
    """Return a job when it is completed; {} if nobody waits."""
    job, group = f"{kind.title()}Job", f"/aws/sagemaker/{kind.title()}Jobs"
    name, aws = target.job, f"\n  aws --region {target.region}"
    left = (
        f"The job {name} continues. Watch it, or stop it:"
        f"{aws} logs tail {group} --log-stream-name-prefix {name}/ --follow"
        f"{aws} sagemaker stop-{kind}-job --{kind}-job-name {name}"
    )
    if arguments.no_wait and not target.dry_run:
        print(left)
        return {}
    waiter, log = f"{kind}_job_completed_or_stopped", (group, f"{name}/")
    answer = follow(target, waiter, log, left, **{f"{job}Name": name})
    if answer and answer[f"{job}Status"] != "Completed":
        reason = answer.get("FailureReason") or answer.get("SecondaryStatus", "Stopped")
        raise ContainerError(f"The job {name} is not completed: {reason}")
    return answer
