"""Changes of an endpoint: what makes one, its scaling, and those that fail."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.deploy_sagemaker.conftest import Deployed
from tests.deploy_sagemaker.test_endpoint import COMPLETE, MODEL

SCALING = ("RegisterScalableTarget", "DeregisterScalableTarget", "UpdateEndpoint")


def with_endpoint(**endpoint: Any) -> dict[str, Any]:
    """Return settings for SageMaker."""
    return {**COMPLETE, "endpoint": endpoint}


def test_another_model(deployed: Deployed) -> None:
    """Another model changes the endpoint, which serves all the while."""
    assert deployed.run("endpoint", *MODEL).returncode == 0
    first = deployed.front.sent("CreateEndpointConfig")["EndpointConfigName"]
    result = deployed.run("endpoint", "--model", "s3://models/other/model.tar.gz")

    assert result.returncode == 0, result.stdout
    change = deployed.front.sent("UpdateEndpoint")
    assert change["EndpointName"] == "iris"
    assert change["EndpointConfigName"] != first
    assert change["RetainAllVariantProperties"] is False
    assert deployed.front.asked("CreateEndpoint") == ["CreateEndpoint"]
    assert "Updating\nInService\n" in result.stdout


def test_going_back(deployed: Deployed) -> None:
    """What was once made is not made anew."""
    other = ("--model", "s3://models/other/model.tar.gz")
    for model in (MODEL, other, MODEL):
        result = deployed.run("endpoint", *model)
        assert result.returncode == 0, result.stdout

    assert deployed.front.asked("CreateModel") == ["CreateModel"] * 2
    assert deployed.front.asked("CreateEndpointConfig") == ["CreateEndpointConfig"] * 2
    assert deployed.front.asked("UpdateEndpoint") == ["UpdateEndpoint"] * 2


def test_same_tag_of_another_image(deployed: Deployed) -> None:
    """A tag that has been given to another image changes the endpoint."""
    deployed.push("trial", "one")
    assert deployed.run("endpoint", "--tag", "trial", *MODEL).returncode == 0
    deployed.push("trial", "two")
    result = deployed.run("endpoint", "--tag", "trial", *MODEL)

    assert result.returncode == 0, result.stdout
    assert deployed.front.asked("UpdateEndpoint") == ["UpdateEndpoint"]


def test_scaling(deployed: Deployed) -> None:
    """Hosts follow the load as mldock.json says; without the setting they do no more."""
    scaling = {"minimum": 2, "maximum": 6, "requests_per_minute": 900}
    deployed.settings(sagemaker=with_endpoint(autoscaling=scaling))
    result = deployed.run("endpoint", *MODEL)

    assert result.returncode == 0, result.stdout
    assert "It has 2 to 6 hosts, by its load." in result.stdout
    client = deployed.client("application-autoscaling")
    (target,) = client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["ResourceId"] == "endpoint/iris/variant/AllTraffic"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    (policy,) = client.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    rule = policy["TargetTrackingScalingPolicyConfiguration"]
    assert rule["TargetValue"] == 900
    metric = rule["PredefinedMetricSpecification"]["PredefinedMetricType"]
    assert metric == "SageMakerVariantInvocationsPerInstance"

    deployed.settings(sagemaker=COMPLETE)
    result = deployed.run("endpoint", *MODEL)

    assert result.returncode == 0, result.stdout
    assert not client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]


def test_scaling_pauses(deployed: Deployed) -> None:
    """As AWS asks, scaling pauses while the endpoint changes, and the hosts stay as many."""
    deployed.settings(sagemaker=with_endpoint(autoscaling={}))
    assert deployed.run("endpoint", *MODEL).returncode == 0
    deployed.front.requests.clear()
    result = deployed.run("endpoint", "--model", "s3://models/other/model.tar.gz")

    assert result.returncode == 0, result.stdout
    assert deployed.front.asked(*SCALING) == [
        "DeregisterScalableTarget",
        "UpdateEndpoint",
        "RegisterScalableTarget",
    ]
    assert deployed.front.sent("UpdateEndpoint")["RetainAllVariantProperties"] is True


def test_undone(deployed: Deployed) -> None:
    """A change that SageMaker undoes is a failure, though the endpoint still serves."""
    assert deployed.run("endpoint", *MODEL).returncode == 0
    deployed.states.goes_back = True
    deployed.states.reason = "The container did not pass the ping health check."
    result = deployed.run("endpoint", "--model", "s3://models/other/model.tar.gz")

    assert result.returncode == 1
    assert "RollingBack" in result.stdout
    assert "(InService): The container did not pass the ping health check." in result.stdout
    assert "It still serves what it did before." in result.stdout


def test_scaling_after_a_change_that_was_undone(deployed: Deployed) -> None:
    """Scaling that paused for a change goes on though the change has failed."""
    deployed.settings(sagemaker=with_endpoint(autoscaling={}))
    assert deployed.run("endpoint", *MODEL).returncode == 0
    deployed.states.goes_back = True
    result = deployed.run("endpoint", "--model", "s3://models/other/model.tar.gz")

    assert result.returncode == 1
    assert deployed.front.asked(*SCALING)[-1] == "RegisterScalableTarget"


def test_failure(deployed: Deployed) -> None:
    """An endpoint that does not come up ends with the reason and the end of its log."""
    client = deployed.client("logs")
    names = {"logGroupName": "/aws/sagemaker/Endpoints/iris", "logStreamName": "AllTraffic/i-1"}
    client.create_log_group(logGroupName=names["logGroupName"])
    client.create_log_stream(**names)
    event = {"timestamp": int(time.time() * 1000), "message": "no file model.joblib"}
    client.put_log_events(**names, logEvents=[event])
    deployed.states.endpoint = ["Creating", "Failed"]
    deployed.states.reason = "The container did not pass the ping health check."
    result = deployed.run("endpoint", *MODEL)

    assert result.returncode == 1
    assert "The end of its log:\n  no file model.joblib\n" in result.stdout
    assert result.stdout.rstrip().endswith(deployed.states.reason)


def test_after_a_failure(deployed: Deployed) -> None:
    """An endpoint that has failed is deleted and made anew: nothing else can be done with it."""
    deployed.states.endpoint = ["Creating", "Failed"]
    assert deployed.run("endpoint", *MODEL).returncode == 1
    deployed.states.endpoint = ["Creating", "InService"]
    result = deployed.run("endpoint", *MODEL)

    assert result.returncode == 0, result.stdout
    assert deployed.front.asked("CreateEndpoint", "DeleteEndpoint") == [
        "CreateEndpoint",
        "DeleteEndpoint",
        "CreateEndpoint",
    ]


def test_in_the_middle(deployed: Deployed) -> None:
    """Who comes while the endpoint changes waits for that first."""
    assert deployed.run("endpoint", *MODEL).returncode == 0
    deployed.states.pending["iris"] = ["Updating", "Updating", "InService"]
    result = deployed.run("endpoint", "--model", "s3://models/other/model.tar.gz")

    assert result.returncode == 0, result.stdout
    assert deployed.front.asked("UpdateEndpoint") == ["UpdateEndpoint"]


@pytest.mark.parametrize("command", [("endpoint", *MODEL), ("delete",)])
def test_of_others(deployed: Deployed, command: tuple[str, ...]) -> None:
    """An endpoint of that name that others have made is neither changed nor deleted."""
    client = deployed.client("sagemaker")
    client.create_model(ModelName="m", ExecutionRoleArn=deployed_role())
    variant = {"VariantName": "A", "ModelName": "m", "InitialInstanceCount": 1}
    client.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}]
    )
    client.create_endpoint(EndpointName="iris", EndpointConfigName="c")
    result = deployed.run(*command)

    changed = {"UpdateEndpoint", "DeleteEndpoint", "CreateModel", "CreateEndpointConfig"}
    assert changed.isdisjoint(deployed.front.asked())
    if command[0] == "endpoint":
        assert result.returncode == 1
        assert "There is an endpoint iris that is not of this project and stage." in result.stdout


def deployed_role() -> str:
    """Return a role."""
    role: str = COMPLETE["role"]
    return role
