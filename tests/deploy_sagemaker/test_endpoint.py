"""`endpoint`: the model of the last training job, served, updated, undone."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.deploy_sagemaker.conftest import COMPLETE, REGISTRY, ROLE, Deployed

MODEL = ("--model", "s3://models/own/model.tar.gz")
OTHER = ("--model", "s3://models/other/model.tar.gz")
SCALING = ("RegisterScalableTarget", "DeregisterScalableTarget", "UpdateEndpoint")
PING = "The container did not pass the ping health check."


def serve(deployed: Deployed, *options: str) -> str:
    """Run the command, and return what it shows."""
    result = deployed.run("endpoint", *options)
    assert result.returncode == 0, result.stdout
    return result.stdout


def job(deployed: Deployed, name: str, project: str, stage: str) -> str:
    """Put a completed training job into the account, and return the place of its model."""
    deployed.client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": "iris", "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://models/iris"},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        Tags=[
            {"Key": "mldock:project", "Value": project},
            {"Key": "mldock:stage", "Value": stage},
        ],
    )
    return f"s3://models/iris/{name}/output/model.tar.gz"


def test_last_model(deployed: Deployed) -> None:
    """The last model of this stage is served; a job is known by its tags, not by its name."""
    job(deployed, "iris-prod-1", project="iris-prod", stage="")
    job(deployed, "iris-prod-2", project="iris", stage="dev")
    result = deployed.run("endpoint", "--stage", "prod")

    assert result.returncode == 1
    assert (
        "No training job of this project and stage is completed. Run `sagemaker train`"
        in result.stdout
    )

    job(deployed, "iris-prod-4", project="iris", stage="prod")
    latest = job(deployed, "iris-prod-3", project="iris", stage="prod")
    told = serve(deployed, "--stage", "prod")

    request = deployed.front.sent("CreateModel")
    container = request["PrimaryContainer"]
    assert container["Image"].startswith(f"{REGISTRY}/iris@sha256:")
    assert container["ModelDataUrl"] == latest
    assert container["Environment"] == {"MLDOCK_STAGE": "prod"}
    assert request["ExecutionRoleArn"] == ROLE
    (variant,) = deployed.front.sent("CreateEndpointConfig")["ProductionVariants"]
    assert variant["ModelName"] == request["ModelName"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 1)
    assert deployed.front.sent("CreateEndpoint")["EndpointName"] == "iris-prod"
    assert f"  model: {latest}\n" in told
    assert "  hosts: 1 x ml.m5.large, until it is deleted\n" in told
    assert "Creating\nInService\n" in told


def test_all_settings(deployed: Deployed) -> None:
    """Name, hosts, network, key and variables reach SageMaker; the same again changes nothing."""
    network = {"subnets": ["subnet-1"], "security_groups": ["sg-1"]}
    endpoint = {"name": "flowers", "instance_type": "ml.c5.xlarge", "instance_count": 3}
    settings = {**COMPLETE, "kms_key": "alias/k", "network": network, "endpoint": endpoint}
    deployed.settings(sagemaker=settings, environment={"SERVER_WORKERS": 2})
    serve(deployed, *MODEL)

    model = deployed.front.sent("CreateModel")
    assert model["PrimaryContainer"]["Environment"] == {"MLDOCK_SERVER_WORKERS": "2"}
    assert model["VpcConfig"] == {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    configuration = deployed.front.sent("CreateEndpointConfig")
    (variant,) = configuration["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.c5.xlarge", 3)
    assert configuration["KmsKeyId"] == "alias/k"
    assert deployed.front.sent("CreateEndpoint")["EndpointName"] == "flowers"

    deployed.front.requests.clear()
    serve(deployed, *MODEL)
    made = [name for name in deployed.front.asked() if name.startswith(("Create", "Update", "Add"))]
    assert made == []


def test_update_and_undo(deployed: Deployed) -> None:
    """Another model updates the endpoint in place; --undo goes back, and forth again."""
    result = deployed.run("endpoint", "--undo")
    assert result.returncode == 1
    assert "iris was not updated yet: there is nothing to go back to." in result.stdout
    serve(deployed, *MODEL)
    first = deployed.front.sent("CreateEndpointConfig")["EndpointConfigName"]
    told = serve(deployed, *OTHER)
    second = deployed.front.sent("CreateEndpointConfig")["EndpointConfigName"]

    assert f"configuration: {second}, in the place of {first}\n" in told
    assert "Updating\nInService\n" in told
    assert deployed.front.sent("UpdateEndpoint") == {
        "EndpointName": "iris",
        "EndpointConfigName": second,
        "RetainAllVariantProperties": False,
    }
    # What an undo needs is on SageMaker: neither the image nor the commit.
    (deployed.path / "src" / "more.py").write_text("")
    for before, after in ((second, first), (first, second)):
        told = serve(deployed, "--undo")
        assert deployed.front.sent("UpdateEndpoint")["EndpointConfigName"] == after
        assert f"configuration: {after}, in the place of {before}\n" in told
    assert deployed.front.asked("CreateEndpoint") == ["CreateEndpoint"]
    assert len(deployed.front.asked("CreateModel", "CreateEndpointConfig")) == 4


def test_same_tag_of_another_image(deployed: Deployed) -> None:
    """A tag that has been given to another image updates the endpoint."""
    deployed.push("trial", "one")
    serve(deployed, "--tag", "trial", *MODEL)
    deployed.push("trial", "two")
    serve(deployed, "--tag", "trial", *MODEL)

    assert deployed.front.asked("UpdateEndpoint") == ["UpdateEndpoint"]


def test_scaling(deployed: Deployed) -> None:
    """Hosts follow the load as mldock.json says; without the setting they do no more."""
    scaling = {"minimum": 2, "maximum": 6, "requests_per_minute": 900}
    deployed.settings(sagemaker={**COMPLETE, "endpoint": {"autoscaling": scaling}})
    assert "2 to 6 hosts of ml.m5.large" in serve(deployed, *MODEL)
    client = deployed.client("application-autoscaling")
    (target,) = client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["ResourceId"] == "endpoint/iris/variant/AllTraffic"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    (policy,) = client.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    rule = policy["TargetTrackingScalingPolicyConfiguration"]
    assert rule["TargetValue"] == 900
    metric = rule["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "SageMakerVariantInvocationsPerInstance"

    # As AWS asks, scaling pauses while the endpoint changes, and the hosts stay as many.
    # A change that SageMaker undoes is a failure; the endpoint and its scaling continue.
    deployed.front.requests.clear()
    deployed.states.goes_back, deployed.states.reason = True, PING
    result = deployed.run("endpoint", *OTHER)
    assert result.returncode == 1
    assert "RollingBack" in result.stdout
    assert f"{PING} It still serves iris-" in result.stdout
    assert deployed.front.asked(*SCALING) == [
        "DeregisterScalableTarget",
        "UpdateEndpoint",
        "RegisterScalableTarget",
    ]
    assert deployed.front.sent("UpdateEndpoint")["RetainAllVariantProperties"] is True

    deployed.settings(sagemaker=COMPLETE)
    serve(deployed, *MODEL)
    assert not client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]


def test_failure(deployed: Deployed) -> None:
    """An endpoint that does not come up ends with its log and the reason.

    Nothing can be done with one that has failed, so it is deleted and created again.
    """
    client = deployed.client("logs")
    names = {"logGroupName": "/aws/sagemaker/Endpoints/iris", "logStreamName": "AllTraffic/i-1"}
    client.create_log_group(logGroupName=names["logGroupName"])
    client.create_log_stream(**names)
    event = {"timestamp": int(time.time() * 1000), "message": "no file model.joblib"}
    client.put_log_events(**names, logEvents=[event])
    deployed.states.endpoint = ["Creating", "Failed"]
    deployed.states.reason = PING
    result = deployed.run("endpoint", *MODEL)

    assert result.returncode == 1
    assert "\nno file model.joblib\n" in result.stdout
    assert result.stdout.rstrip().endswith(PING)

    deployed.states.endpoint = ["Creating", "InService"]
    serve(deployed, *MODEL)
    order = ["CreateEndpoint", "DeleteEndpoint", "CreateEndpoint"]
    assert deployed.front.asked("CreateEndpoint", "DeleteEndpoint") == order


def test_of_others(deployed: Deployed) -> None:
    """An endpoint of that name that others have made is neither changed nor deleted."""
    client = deployed.client("sagemaker")
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE)
    variant: dict[str, Any] = {"VariantName": "A", "ModelName": "m", "InitialInstanceCount": 1}
    client.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}]
    )
    # That of another stage, which has been given this name.
    tags = [{"Key": "mldock:project", "Value": "iris"}, {"Key": "mldock:stage", "Value": "dev"}]
    client.create_endpoint(EndpointName="iris", EndpointConfigName="c", Tags=tags)
    result = deployed.run("endpoint", *MODEL)
    deployed.run("delete")

    changed = {"UpdateEndpoint", "DeleteEndpoint", "CreateModel", "CreateEndpointConfig"}
    assert changed.isdisjoint(deployed.front.asked())
    assert result.returncode == 1
    assert "The endpoint iris is not of this project and stage." in result.stdout


def test_try(deployed: Deployed) -> None:
    """With --try, payload.json is sent, and its answer or the model's failure is shown."""
    bodies: list[bytes] = []

    def answer(body: bytes) -> tuple[int, bytes]:
        bodies.append(body)
        return 200, b'{"label": "setosa"}'

    deployed.front.invocations = answer
    assert serve(deployed, "--try", *MODEL).endswith('{"label": "setosa"}\n')
    assert bodies == [(deployed.path / "payload.json").read_bytes()]

    fault = {"__type": "ModelError", "Message": 'Received error (422): "no such column"'}
    deployed.front.invocations = lambda _: (424, json.dumps(fault).encode())
    result = deployed.run("endpoint", "--try", *MODEL)
    assert result.returncode == 1
    assert 'Received error (422): "no such column"' in result.stdout.splitlines()[-1]
