"""The project at a stage, in an AWS account: what it is called there, and how AWS is asked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from mldock import ContainerError
from mldock.cli.deploy import plan
from mldock.cli.registry.names import assumed_image, remote_image
from mldock.cli.workspace import staged_project
from mldock.deployment import Sagemaker
from mldock.project import Project

Answer = dict[str, Any]

# Account, region, repository and tag of an image.
ECR = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(.+):(.+)")

ROLE, OUTPUT = "arn:aws:iam::123456789012:role/NAME", "s3://your-bucket/jobs"
EXAMPLES = {"region": "eu-west-1", "role": ROLE, "output": OUTPUT}
ASSUMED = """AWS is not asked. Assumed: the image is pushed; what is not to be undone or deleted
  does not exist yet; names in CAPITALS."""

# They encrypt disks of their own; SageMaker refuses a key for these.
OWN_DISK = re.compile(
    r"ml\.([a-z]+\d+[a-z]*d[a-z]*|g5|g6e?|g7e?|gr6|p5|p5en?|p6-[a-z0-9]+|dl1|trn\d+n?)\."
)

# Often enough to follow a log; SageMaker itself ends a job after 28 days at most.
POLLS = {"Delay": 10, "MaxAttempts": 28 * 24 * 360}

METRIC = re.compile(r"metric: (?P<name>[^=]+)=(?P<value>[^;]+);")
OTHER_HOST = re.compile(r"/(algo-(?!1-)\d+)-")


@dataclass(frozen=True)
class Target:
    """A project at a stage, in a region; names begin with `base`, and `tags` tell whose it is."""

    project: Project
    settings: Sagemaker
    stage: str | None
    base: str
    endpoint: str
    job: str
    tags: list[dict[str, str]]
    region: str
    dry_run: bool

    def client(self, service: str = "sagemaker") -> Any:
        """Return a client of boto3; in a dry run it prints changes and asks AWS nothing."""
        client = boto3.client(service, region_name=self.region)
        if self.dry_run:
            client.meta.events.register("before-call", print_change)
        return client

    def confirm(self, title: str, steps: list[str], arguments: Namespace) -> None:
        """Show what will be done, and ask whether to do it unless this is a dry run."""
        if self.dry_run:
            print(title, *steps, ASSUMED, sep="\n  ", file=sys.stderr)
        else:
            plan.confirm(title, steps, arguments)

    def named(self, key: str, content: Answer) -> Answer:
        """Return a request whose name stands for its content, so that the same is made once."""
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return {key: f"{self.base}-{digest[:10]}", **content, "Tags": self.tags}

    def read_tags(self, arn: str) -> dict[str, str]:
        """Return the tags of something; {} if it is not of this project and stage."""
        pages = self.client().get_paginator("list_tags").paginate(ResourceArn=arn)
        tags = pages.build_full_result()["Tags"]
        is_owned = all(tag in tags for tag in self.tags)
        return {tag["Key"]: tag["Value"] for tag in tags if is_owned}

    def image(self, tag: str | None) -> tuple[str, str]:
        """Return the pushed image by its digest, and its tag."""
        if self.dry_run:
            name, assumptions = assumed_image(self.project, tag)
            print(*assumptions, sep="\n", file=sys.stderr)
            return name, name.rpartition(":")[2]
        name = remote_image(self.project, tag)
        account, _, repository, tag = ECR.findall(name)[0]
        find, ids = self.client("ecr").describe_images, [{"imageTag": tag}]
        images = found(find, registryId=account, repositoryName=repository, imageIds=ids)
        if not images:
            push = f"nox -s push{f' -- --stage {self.stage}' if self.stage else ''}"
            raise ContainerError(f"{name} is not in its registry. Build it, and push it: {push}")
        return f"{name.rpartition(':')[0]}@{images['imageDetails'][0]['imageDigest']}", tag

    def key(self, name: str, instance_type: str = "") -> dict[str, str]:
        """Return the key of outputs, or that of the disks of a kind of host."""
        key = self.settings.kms_key
        return {name: key} if key and not OWN_DISK.match(instance_type) else {}

    def network(self) -> dict[str, Any]:
        """Return the network of the hosts, if mldock.json names one."""
        ids = self.settings.network
        vpc = ids and {"Subnets": ids.subnets, "SecurityGroupIds": ids.security_groups}
        return {"VpcConfig": vpc} if vpc else {}


def open_target(arguments: Namespace, *needed: str) -> Target:
    """Return what the options choose; refuse a mldock.json that lacks what is needed."""
    project, stage, dry_run = staged_project(arguments), arguments.stage, arguments.dry_run
    settings, registry = project.sagemaker, ECR.match(assumed_image(project, None)[0])
    # SageMaker pulls images from its own region only.
    usual = os.environ.get("AWS_REGION") or boto3.Session().region_name
    region = settings.region or (registry and registry[2]) or usual
    given = {**settings.model_dump(), "region": region or dry_run or None}
    absent = {key: EXAMPLES[key] for key in ("region", *needed) if given.get(key, True) is None}
    missing: dict[str, Any] = {"sagemaker": absent} if absent else {}
    # What is kept at a path of a host is gone with it.
    local = [one.name for one in project.data if not is_away(one.remote, one.direction)]
    if "data" in needed and not is_away(project.checkpoints, "output"):
        missing["checkpoints"] = "s3://your-bucket/checkpoints"
    if local and "data" in needed:
        missing["data"] = [{"name": it, "remote": f"s3://your-bucket/{it}"} for it in local]
    if "image" in needed and not dry_run and not (registry and registry[2] == region):
        missing["registry"] = f"123456789012.dkr.ecr.{region or EXAMPLES['region']}.amazonaws.com"
    if missing and not dry_run:
        raise plan.incomplete("SageMaker", stage, missing)
    if missing:
        print("mldock.json lacks, and assumed is:", json.dumps(missing), file=sys.stderr)
        settings = settings.model_copy(update=absent)
        places = {one["name"]: one["remote"] for one in missing.get("data", ())}
        data = [
            one.model_copy(update={"remote": places.get(one.name, one.remote)})
            for one in project.data
        ]
        checkpoints = missing.get("checkpoints", project.checkpoints)
        project = project.model_copy(update={"data": data, "checkpoints": checkpoints})
    name = f"{project.image_name.rpartition('/')[2]}-{stage or ''}"
    # SageMaker allows 63 characters, and a time follows.
    base = re.sub(r"[^a-zA-Z0-9]+", "-", name).strip("-")[:48].rstrip("-")
    pairs = {"mldock:project": project.image_name, "mldock:stage": stage or ""}
    tags = [{"Key": key, "Value": value} for key, value in pairs.items()]
    endpoint, job = settings.endpoint.name or base, f"{base}-{time.strftime('%y%m%d-%H%M%S')}"
    region = region or EXAMPLES["region"]
    return Target(project, settings, stage, base, endpoint, job, tags, region, dry_run)


def is_away(remote: str | None, direction: str = "input") -> bool:
    """Return whether a channel is at a place that the hosts of a job reach, or needs none."""
    if remote is None:
        return direction == "output"
    return "://" in remote and not remote.startswith("file:")


def print_change(model: Any, params: Answer, **_: Any) -> tuple[AWSResponse, Answer]:
    """Print a request that changes something, and answer in the place of AWS."""
    if not model.name.startswith(("Describe", "List")):
        print(json.dumps({model.name: json.loads(params["body"])}, indent=2))
    return AWSResponse("", 200, {}, None), {}


def found(call: Callable[..., Answer], **names: Any) -> Answer:
    """Return an answer; {} if there is no such thing, for which SageMaker has no code."""
    try:
        return call(**names)
    except ClientError as error:
        if re.search("NotFound|could not find|no scalable target", str(error), re.I):
            return {}
        raise


def follow(target: Target, waiter: str, log: tuple[str, str], left: str, **names: str) -> Answer:
    """Wait with a waiter of boto3, printing states and log; return the last answer and metrics."""
    if target.dry_run:
        return {}
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
        # The waiter knows of neither state, and would wait for days.
        if parsed.get(status) in ("OutOfService", "UpdateRollbackFailed"):
            reason = parsed.get("FailureReason", "SageMaker gives no reason")
            raise ContainerError(f"It does not serve ({parsed[status]}): {reason}.")

    # A waiter shows nothing by itself.
    client.meta.events.register("after-call", show)
    try:
        client.get_waiter(waiter).wait(**names, WaiterConfig=POLLS)
    except (BotoCoreError, KeyboardInterrupt) as error:
        # A failed job ends the wait too, and its last answer says why.
        if not isinstance(error, WaiterError) or "Error" in last:
            print(left)
            raise
    return {**last, "Metrics": metrics}


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


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what AWS refuses, and an AWS that cannot be reached, into one line."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (ClientError, BotoCoreError, OSError) as error:
        text = " ".join(str(error).split())
        if "Token" in text or "credentials" in text:
            text = (
                text.rstrip(".") + ". Sign in (aws configure, aws sso login), or set AWS_PROFILE."
            )
        raise ContainerError(text) from error
