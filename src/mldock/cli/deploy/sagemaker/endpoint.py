"""`endpoint` and `delete`: a model that is served, updated in place, undone and deleted."""

from __future__ import annotations

from argparse import Namespace

from mldock import ContainerError
from mldock.cli.deploy.sagemaker.target import POLLS, Answer, Target, follow, found, open_target
from mldock.cli.environment import ROOT
from mldock.cli.workspace import run_variables
from mldock.deployment import Autoscaling

PAYLOAD, JSON = ROOT / "payload.json", "application/json"
VARIANT, PREVIOUS = "AllTraffic", "mldock:previous"

# In this order nothing is deleted that something else still needs.
KINDS = {"endpoint": "Endpoint", "endpoint_config": "EndpointConfig", "model": "Model"}


def endpoint(arguments: Namespace) -> int:
    """Create, update or undo the endpoint, and return 0 if it serves what was asked for."""
    undo, is_tried = arguments.undo, getattr(arguments, "try")
    target = open_target(arguments, *([] if undo else ["role", "image"]))
    client, name, hosts = target.client(), target.endpoint, target.settings.endpoint
    body, scaling = PAYLOAD.read_bytes() if is_tried else b"", hosts.autoscaling
    current, tags = read_endpoint(target, undo)
    before = current.get("EndpointConfigName", "nothing")
    if undo:
        if PREVIOUS not in tags:
            raise ContainerError(f"{name} was not updated yet: there is nothing to go back to.")
        wanted, steps = tags[PREVIOUS], list[str]()
    else:
        model, steps = model_request(target, arguments)
        variant = {
            "VariantName": VARIANT,
            "ModelName": model["ModelName"],
            "InitialInstanceCount": hosts.instance_count,
            "InstanceType": hosts.instance_type,
            # A large model may take so many seconds to load.
            "ContainerStartupHealthCheckTimeoutInSeconds": 600,
        }
        content = {"ProductionVariants": [variant], **target.key("KmsKeyId", hosts.instance_type)}
        configuration = target.named("EndpointConfigName", content)
        wanted = configuration["EndpointConfigName"]
        steps += [f"hosts: {hosts.instance_count} x {hosts.instance_type}, until it is deleted"]
    if scaling:
        steps += [f"by load: {scaling.minimum} to {scaling.maximum} hosts of {hosts.instance_type}"]
    steps += [f"configuration: {wanted}, in the place of {before}"]
    target.confirm(f"Serve as the endpoint {name} ({target.region}):", steps, arguments)
    if not undo:
        create_once(target, "model", model)
        create_once(target, "endpoint_config", configuration)
    if current.get("EndpointStatus") == "Failed":
        client.delete_endpoint(EndpointName=name)
        client.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=POLLS)
        current = {}

    def tag_previous(configuration: str) -> None:
        tag = {"Key": PREVIOUS, "Value": configuration}
        client.add_tags(ResourceArn=current["EndpointArn"], Tags=[tag])

    names = {"EndpointName": name, "EndpointConfigName": wanted}
    if not current:
        client.create_endpoint(**names, Tags=target.tags)
    elif wanted != before:
        # As AWS asks: scaling pauses for the update, and the hosts stay as many as they are.
        client.update_endpoint(**names, RetainAllVariantProperties=scale(target, name, None))
        # Now, since the wait may be interrupted.
        tag_previous(before)
    left = f"SageMaker continues with the endpoint {name}. To wait for it, run this again."
    log = (f"/aws/sagemaker/Endpoints/{name}", VARIANT)
    answer = follow(target, "endpoint_in_service", log, left, EndpointName=name)
    status = answer.get("EndpointStatus", "InService")
    if status == "InService":
        scale(target, name, scaling)
    if status != "InService" or answer.get("EndpointConfigName", wanted) != wanted:
        if PREVIOUS in tags:
            tag_previous(tags[PREVIOUS])
        kept = f" It still serves {before}." if status == "InService" else ""
        reason = answer.get("FailureReason", status)
        raise ContainerError(f"The endpoint {name} does not serve {wanted}: {reason}{kept}")
    if is_tried:
        invoke = target.client("sagemaker-runtime").invoke_endpoint
        response = invoke(EndpointName=name, Body=body, ContentType=JSON, Accept=JSON)
        print(response["Body"].read().decode() if response else "")
    return 0


def read_endpoint(target: Target, undo: bool) -> tuple[Answer, dict[str, str]]:
    """Return the endpoint and its tags; nothing if it does not exist."""
    if target.dry_run:
        arn = f"arn:aws:sagemaker:{target.region}:123456789012:endpoint/{target.endpoint}"
        current = {"EndpointArn": arn, "EndpointConfigName": "CURRENT"} if undo else {}
        return current, {PREVIOUS: "PREVIOUS"}
    current = found(target.client().describe_endpoint, EndpointName=target.endpoint)
    tags = target.read_tags(current["EndpointArn"]) if current else {}
    if current and not tags:
        raise ContainerError(
            f"The endpoint {target.endpoint} is not of this project and stage. Choose another "
            'name in mldock.json: "sagemaker": {"endpoint": {"name": "NAME"}}.'
        )
    return current, tags


def model_request(target: Target, arguments: Namespace) -> tuple[Answer, list[str]]:
    """Return the request that creates the model, and what to show of it."""
    (image, _), model = target.image(arguments.tag), arguments.model or last_model(target)
    # All it needs of files is in model.tar.gz.
    bare = target.project.model_copy(update={"data": [], "model": [], "checkpoints": None})
    options = Namespace(stage=target.stage, environment=[], hyperparameters=[])
    variables = run_variables(bare, options)
    content = {
        "PrimaryContainer": {"Image": image, "ModelDataUrl": model, "Environment": variables},
        "ExecutionRoleArn": target.settings.role,
        **target.network(),
    }
    return target.named("ModelName", content), [f"image: {image}", f"model: {model}"]


def last_model(target: Target) -> str:
    """Return the model of the last completed training job of this project and stage."""
    if target.dry_run:
        return f"{target.settings.output or 's3://your-bucket'}/LAST-JOB/output/model.tar.gz"
    client = target.client()
    wanted, list_jobs = {"StatusEquals": "Completed"}, client.get_paginator("list_training_jobs")
    pages = list_jobs.paginate(NameContains=target.base, **wanted)
    jobs = pages.build_full_result()["TrainingJobSummaries"]
    for job in sorted(jobs, key=lambda job: str(job["CreationTime"]), reverse=True):
        if target.read_tags(job["TrainingJobArn"]):
            answer = client.describe_training_job(TrainingJobName=job["TrainingJobName"])
            return str(answer["ModelArtifacts"]["S3ModelArtifacts"])
    raise ContainerError(
        "No training job of this project and stage is completed. Run `sagemaker train`, or choose "
        "a model: --model s3://BUCKET/PATH/model.tar.gz"
    )


def create_once(target: Target, kind: str, request: Answer) -> None:
    """Create a model or a configuration, unless that name, and so that content, exists."""
    name, client = {key: request[key] for key in request if key.endswith("Name")}, target.client()
    if not found(getattr(client, f"describe_{kind}"), **name):
        getattr(client, f"create_{kind}")(**request)


def scale(target: Target, name: str, wanted: Autoscaling | None) -> bool:
    """Scale the hosts by load as mldock.json says, and return whether there is or was scaling."""
    client = target.client("application-autoscaling")
    hosts = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/{VARIANT}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    if not wanted:
        return bool(found(client.deregister_scalable_target, **hosts))
    limits = {"MinCapacity": wanted.minimum, "MaxCapacity": wanted.maximum}
    client.register_scalable_target(**hosts, **limits)
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    goal = {"TargetValue": wanted.requests_per_minute, "PredefinedMetricSpecification": metric}
    client.put_scaling_policy(
        **hosts,
        PolicyName="requests-of-each-host",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=goal,
    )
    return True


def delete(arguments: Namespace) -> int:
    """Delete what the project has at a stage on SageMaker, and return 0."""
    target = open_target(arguments)
    client = target.client()
    names = [("endpoint", target.endpoint), ("endpoint_config", "NAME"), ("model", "NAME")]
    if not target.dry_run:
        names = [(kind, name) for kind in KINDS for name in owned(target, kind)]
    if not names:
        print(f"SageMaker has nothing of {target.base}.")
        return 0
    steps = [f"{KINDS[kind]} {name}" for kind, name in names]
    target.confirm(f"Delete from SageMaker ({target.region}):", steps, arguments)
    for kind, name in names:
        if kind == "endpoint":
            scale(target, name, None)
        getattr(client, f"delete_{kind}")(**{f"{KINDS[kind]}Name": name})
        if kind == "endpoint" and not target.dry_run:
            client.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig=POLLS)
    return 0


def owned(target: Target, kind: str) -> list[str]:
    """Return the names of a kind of thing that is of this project and stage."""
    part, key = target.endpoint if kind == "endpoint" else target.base, KINDS[kind]
    pages = target.client().get_paginator(f"list_{kind}s").paginate(NameContains=part)
    items = pages.build_full_result()[f"{key}s"]
    return [item[f"{key}Name"] for item in items if target.read_tags(item[f"{key}Arn"])]
