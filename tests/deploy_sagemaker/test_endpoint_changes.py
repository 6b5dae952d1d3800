"""Changes of an endpoint: what makes one, its scaling, and those that fail."""

from __future__ import annotations

import time
from typing import Any

from tests.deploy_sagemaker.conftest import ROLE, Deployed
from tests.deploy_sagemaker.test_endpoint import COMPLETE, MODEL

SCALING = ("RegisterScalableTarget", "DeregisterScalableTarget", "UpdateEndpoint")


def with_endpoint(**endpoint: Any) -> dict[str, Any]:
    """Return settings for SageMaker."""
    return {**COMPLETE, "endpoint": endpoint}


def test_another_model(deployed: Deployed) -> None:
    """Another model changes the endpoint, which serves all the while; going back makes nothing."""
    other = ("--model", "s3://models/other/model.tar.gz")
    for model in (MODEL, other, MODEL):
        result = deployed.run("endpoint", *model)
        assert result.returncode == 0, result.stdout

    assert "Updating\nInService\n" in result.stdout
    change = deployed.front.sent("UpdateEndpoint")
    assert change["EndpointName"] == "iris"
    assert change["RetainAllVariantProperties"] is False
    assert deployed.front.asked("CreateEndpoint") == ["CreateEndpoint"]
    assert deployed.front.asked("CreateModel") == ["CreateModel"] * 2
    assert deployed.front.asked("CreateEndpointConfig") == ["CreateEndpointConfig"] * 2
    assert deployed.front.asked("UpdateEndpoint") == ["UpdateEndpoint"] * 2


def test_same_tag_of_another_image(deployed: Deployed) -> None:
    """A tag that has been given to another image changes the endpoint, as soon as it can be."""
    deployed.push("trial", "one")
    assert deployed.run("endpoint", "--tag", "trial", *MODEL).returncode == 0
    deployed.push("trial", "two")
    # Who comes while the endpoint changes waits for that first.
    deployed.states.pending["iris"] = ["Updating", "Updating", "InService"]
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

    # As AWS asks, scaling pauses while the endpoint changes, and the hosts stay as many.
    deployed.front.requests.clear()
    result = deployed.run("endpoint", "--model", "s3://models/other/model.tar.gz")
    assert result.returncode == 0, result.stdout
    assert deployed.front.asked(*SCALING) == [
        "DeregisterScalableTarget",
        "UpdateEndpoint",
        "RegisterScalableTarget",
    ]
    assert deployed.front.sent("UpdateEndpoint")["RetainAllVariantProperties"] is True

    deployed.settings(sagemaker=COMPLETE)
    result = deployed.run("endpoint", *MODEL)
    assert result.returncode == 0, result.stdout
    assert not client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]


def test_undone(deployed: Deployed) -> None:
    """A change that SageMaker undoes is a failure; the endpoint and its scaling go on."""
    deployed.settings(sagemaker=with_endpoint(autoscaling={}))
    assert deployed.run("endpoint", *MODEL).returncode == 0
    deployed.states.goes_back = True
    deployed.states.reason = "The container did not pass the ping health check."
    result = deployed.run("endpoint", "--model", "s3://models/other/model.tar.gz")

    assert result.returncode == 1
    assert "RollingBack" in result.stdout
    assert "(InService): The container did not pass the ping health check." in result.stdout
    assert "It still serves what it did before." in result.stdout
    assert deployed.front.asked(*SCALING)[-1] == "RegisterScalableTarget"


def test_failure(deployed: Deployed) -> None:
    """An endpoint that does not come up ends with the reason and the end of its log.

    Nothing can be done with one that has failed, so it is deleted and made anew.
    """
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
    deployed.states.endpoint = ["Creating", "InService"]
    result = deployed.run("endpoint", *MODEL)

    assert result.returncode == 0, result.stdout
    order = ["CreateEndpoint", "DeleteEndpoint", "CreateEndpoint"]
    assert deployed.front.asked("CreateEndpoint", "DeleteEndpoint") == order


def test_of_others(deployed: Deployed) -> None:
    """An endpoint of that name that others have made is neither changed nor deleted."""
    client = deployed.client("sagemaker")
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE)
    variant = {"VariantName": "A", "ModelName": "m", "InitialInstanceCount": 1}
    client.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[{**variant, "InstanceType": "ml.m5.large"}]
    )
    client.create_endpoint(EndpointName="iris", EndpointConfigName="c")
    result = deployed.run("endpoint", *MODEL)
    deployed.run("delete")

    changed = {"UpdateEndpoint", "DeleteEndpoint", "CreateModel", "CreateEndpointConfig"}
    assert changed.isdisjoint(deployed.front.asked())
    assert result.returncode == 1
    assert "There is an endpoint iris that is not of this project and stage." in result.stdout
