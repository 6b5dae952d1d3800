"""`train`: a training job, followed to its end."""

from __future__ import annotations

import json
import math
import re
import time
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from mldock import ContainerError
from mldock.cli.deploy.sagemaker.target import Answer, Target, found, open_target
from mldock.cli.workspace import run_variables
from mldock.project import DeclaredChannel

# Often enough to follow a log; SageMaker itself ends a job after 28 days at most.
POLLS = {"Delay": 10, "MaxAttempts": 28 * 24 * 360}

METRIC = re.compile(r"metric: (?P<name>[^=]+)=(?P<value>[^;]+);")
OTHER_HOST = re.compile(r"/(algo-(?!1-)\d+)-")


def train(arguments: Namespace) -> int:
    """Run a training job and return 0 if it is completed."""
    target = open_target(arguments, "role", "output", "image", "data")
    request = training_request(target, arguments)
    name, hosts = request["TrainingJobName"], request["ResourceConfig"]
    hours = max(request["StoppingCondition"].values()) / 3600
    steps = [
        f"image: {request['AlgorithmSpecification']['TrainingImage']}",
        f"hosts: {hosts['InstanceCount']} x {hosts['InstanceType']}, {hours:g} hours at most",
        f"output: {request['OutputDataConfig']['S3OutputPath']}/{name}",
    ]
    target.confirm(f"Start the training job {name} ({target.region}):", steps, arguments)
    target.client().create_training_job(**request)
    answer, metrics = follow_job(target, "training", name, arguments)
    if answer:
        print("Metrics: " + ", ".join(f"{metric} = {value}" for metric, value in metrics.items()))
        print(f"Model: {answer['ModelArtifacts']['S3ModelArtifacts']}")
    return 0


def training_request(target: Target, arguments: Namespace) -> Answer:
    """Return the request that starts the job."""
    settings, project, training = target.settings, target.project, target.settings.training
    output = str(settings.output).rstrip("/")
    checkpoints = project.checkpoints
    if training.spot and not checkpoints:
        # By project and stage, so that the next job continues where a failed one ended.
        checkpoints = f"{output}/checkpoints/{target.base}"
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


def follow_job(
    target: Target, kind: str, name: str, arguments: Namespace
) -> tuple[Answer, dict[str, str]]:
    """Return a job when it is completed, and its metrics; nothing if nobody waits."""
    job, group = f"{kind.title()}Job", f"/aws/sagemaker/{kind.title()}Jobs"
    aws = f"\n  aws --region {target.region}"
    left = (
        f"The job {name} continues. Watch it, or stop it:"
        f"{aws} logs tail {group} --log-stream-name-prefix {name}/ --follow"
        f"{aws} sagemaker stop-{kind}-job --{kind}-job-name {name}"
    )
    if arguments.no_wait and not target.dry_run:
        print(left)
        return {}, {}
    waiter, log = f"{kind}_job_completed_or_stopped", (group, f"{name}/")
    answer, metrics = follow(target, waiter, log, left, **{f"{job}Name": name})
    if answer and answer[f"{job}Status"] != "Completed":
        reason = answer.get("FailureReason") or answer.get("SecondaryStatus", "Stopped")
        raise ContainerError(f"The job {name} is not completed: {reason}")
    return answer, metrics


def follow(
    target: Target, waiter: str, log: tuple[str, str], left: str, **names: str
) -> tuple[Answer, dict[str, str]]:
    """Wait with a waiter of boto3, printing states and log; return the last answer and metrics."""
    if target.dry_run:
        return {}, {}
    client, last, metrics, seen = target.client(), Answer(), dict[str, str](), {""}
    status = next(iter(names)).replace("Name", "Status")

    def show(parsed: Answer, **_: Any) -> None:
        nonlocal last
        last = parsed
        steps = parsed.get("SecondaryStatusTransitions") or [{"Status": parsed.get(status, "")}]
        texts = [step.get("StatusMessage") or step["Status"] for step in steps]
        # The log after the state, so that the log of a job that has ended is complete.
        for key, text in [*zip(texts, texts, strict=True), *log_lines(target, *log)]:
            if key not in seen:
                print(text, flush=True)
                metrics.update({it["name"]: it["value"] for it in METRIC.finditer(text)})
            seen.add(key)

    # A waiter shows nothing by itself.
    client.meta.events.register("after-call", show)
    try:
        client.get_waiter(waiter).wait(**names, WaiterConfig=POLLS)
    except (BotoCoreError, KeyboardInterrupt) as error:
        # A failed job ends the wait too, and its last answer says why.
        if not isinstance(error, WaiterError) or "Error" in last:
            print(left)
            raise
    return last, metrics


def log_lines(target: Target, group: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the ids and texts of the last five minutes, since some hosts are late."""
    start = int((time.time() - 300) * 1000)
    names = {"logGroupName": group, "logStreamNamePrefix": prefix, "startTime": start}
    pages = target.client("logs").get_paginator("filter_log_events").paginate(**names)
    try:
        # Until a host has written something there is no group.
        events = found(pages.build_full_result).get("events", [])
    except ClientError as error:
        yield group, f"The log cannot be read: {error}"
        return
    for event in sorted(events, key=lambda event: int(event["timestamp"])):
        host = OTHER_HOST.search(event["logStreamName"])
        prefix = f"{host[1]} | " if host else ""
        yield event["eventId"], f"{prefix}{event['message'].rstrip()}"
