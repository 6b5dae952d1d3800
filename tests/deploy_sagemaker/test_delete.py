"""`delete`: what a project has on SageMaker, and nothing of others."""

from __future__ import annotations

import re

from tests.deploy_sagemaker.conftest import COMPLETE, Deployed
from tests.deploy_sagemaker.test_endpoint import MODEL, OTHER


def test_stage(deployed: Deployed) -> None:
    """A stage's endpoint, configurations and models go, its scaling too; others stay."""
    scaled = {**COMPLETE, "endpoint": {"autoscaling": {}, "name": "flowers"}}
    deployed.settings(stages={"dev": {}, "prod": {"sagemaker": scaled}})
    for options in (("prod", *MODEL), ("prod", *OTHER), ("dev", *MODEL)):
        result = deployed.run("endpoint", "--stage", *options)
        assert result.returncode == 0, result.stdout
    result = deployed.run("delete", "--stage", "prod")

    assert result.returncode == 0, result.stdout
    shown = re.findall(r"^  (\w+) (flowers|iris-prod)\b", result.stdout, re.M)
    configurations, models = [("EndpointConfig", "iris-prod")] * 2, [("Model", "iris-prod")] * 2
    assert shown == [("Endpoint", "flowers"), *configurations, *models]
    client = deployed.client("sagemaker")
    assert [one["EndpointName"] for one in client.list_endpoints()["Endpoints"]] == ["iris-dev"]
    assert len(client.list_endpoint_configs()["EndpointConfigs"]) == 1
    assert len(client.list_models()["Models"]) == 1
    scaling = deployed.client("application-autoscaling")
    assert not scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]

    result = deployed.run("delete", "--stage", "prod")
    assert result.returncode == 0
    assert result.stdout == "SageMaker has nothing of iris-prod.\n"
