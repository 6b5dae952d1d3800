"""`delete`: what a project has on SageMaker, and nothing of others."""

from __future__ import annotations

import re

from tests.deploy_sagemaker.conftest import Deployed
from tests.deploy_sagemaker.test_endpoint import COMPLETE, MODEL


def remaining(deployed: Deployed) -> dict[str, list[str]]:
    """Return the names of all that the account has on SageMaker."""
    client = deployed.client("sagemaker")
    return {
        "endpoints": [one["EndpointName"] for one in client.list_endpoints()["Endpoints"]],
        "configurations": [
            one["EndpointConfigName"] for one in client.list_endpoint_configs()["EndpointConfigs"]
        ],
        "models": [one["ModelName"] for one in client.list_models()["Models"]],
    }


def test_stage(deployed: Deployed) -> None:
    """A stage's endpoint, configurations and models go, its scaling too; others stay."""
    scaled = {**COMPLETE, "endpoint": {"autoscaling": {}}}
    deployed.settings(stages={"dev": {}, "prod": {"sagemaker": scaled}})
    other = ("--model", "s3://models/other/model.tar.gz")
    for options in (("prod", *MODEL), ("prod", *other), ("dev", *MODEL)):
        result = deployed.run("endpoint", "--stage", *options)
        assert result.returncode == 0, result.stdout
    result = deployed.run("delete", "--stage", "prod")

    assert result.returncode == 0, result.stdout
    told = re.findall(r"^Deleted the (\w+) iris-prod\b", result.stdout, re.M)
    assert told == ["endpoint", *["configuration"] * 2, *["model"] * 2]
    kept = remaining(deployed)
    assert kept["endpoints"] == ["iris-dev"]
    assert [len(kept["configurations"]), len(kept["models"])] == [1, 1]
    scaling = deployed.client("application-autoscaling")
    assert not scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]


def test_all(deployed: Deployed) -> None:
    """With --all those of all stages go, one with a name of its own and one that changes too."""
    named = {**COMPLETE, "endpoint": {"name": "flowers"}}
    deployed.settings(stages={"dev": {}, "prod": {"sagemaker": named}})
    for stage in ((), ("--stage", "prod")):
        result = deployed.run("endpoint", *stage, *MODEL)
        assert result.returncode == 0, result.stdout
    assert set(remaining(deployed)["endpoints"]) == {"iris", "flowers"}
    deployed.states.pending["iris"] = ["Updating", "Updating", "InService"]
    result = deployed.run("delete", "--all")

    assert result.returncode == 0, result.stdout
    assert remaining(deployed) == {"endpoints": [], "configurations": [], "models": []}
    assert "Deleted the endpoint flowers.\n" in result.stdout
    assert "\nDeleting\n" in result.stdout
    result = deployed.run("delete")
    assert result.returncode == 0
    assert result.stdout == "Asking AWS.\nSageMaker has nothing of iris without a stage.\n"
    result = deployed.run("delete", "--all", "--stage", "prod")
    assert result.returncode == 1
    assert "--all means all stages." in result.stdout
