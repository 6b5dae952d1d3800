"""`endpoint`: the model of the last training job, served as mldock.json says."""

from __future__ import annotations

import json
from typing import Any

from tests.deploy_sagemaker.conftest import REGION, REGISTRY, ROLE, Deployed

COMPLETE: dict[str, Any] = {"region": REGION, "role": ROLE, "output": "s3://models/iris"}
MODEL = ("--model", "s3://models/own/model.tar.gz")
RUNTIME = "aws sagemaker-runtime invoke-endpoint --endpoint-name {} --region us-east-1"


def trained(deployed: Deployed, *options: str) -> str:
    """Train, and return the place of the model."""
    result = deployed.run("train", *options)
    assert result.returncode == 0, result.stdout
    return result.stdout.partition("Model: ")[2].splitlines()[0]


def job(deployed: Deployed, name: str, **tags: str) -> str:
    """Put a completed training job into the account, and return the place of its model."""
    deployed.client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": "iris", "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://models/iris"},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        Tags=[{"Key": f"mldock:{key}", "Value": value} for key, value in tags.items()],
    )
    return f"s3://models/iris/{name}/output/model.tar.gz"


def test_endpoint(deployed: Deployed) -> None:
    """The last model of this stage is served; the end says how to ask."""
    deployed.states.training = [("Completed", "Training job completed")]
    model = trained(deployed, "--stage", "prod")
    job(deployed, "iris-dev-1", project="iris", stage="dev")
    job(deployed, "iris-1", project="iris")
    result = deployed.run("endpoint", "--stage", "prod")

    assert result.returncode == 0, result.stdout
    request = deployed.front.sent("CreateModel")
    assert request["PrimaryContainer"] == {
        "Image": f"{REGISTRY}/iris:{deployed.tag()}",
        "ModelDataUrl": model,
        "Environment": {"MLDOCK_STAGE": "prod"},
    }
    assert request["ExecutionRoleArn"] == ROLE
    (variant,) = deployed.front.sent("CreateEndpointConfig")["ProductionVariants"]
    assert variant["ModelName"] == request["ModelName"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 1)
    assert deployed.front.sent("CreateEndpoint")["EndpointName"] == "iris-prod"
    assert "Creating\nInService\n" in result.stdout
    assert RUNTIME.format("iris-prod") in result.stdout
    compile(result.stdout.partition("or in Python:\n  ")[2].replace("\n  ", "\n"), "-", "exec")


def test_jobs_of_others(deployed: Deployed) -> None:
    """A job is known by its tags, not by its name; of two of a stage, the later one counts."""
    job(deployed, "iris-prod-1", project="iris-prod")
    job(deployed, "iris-prod-2", project="iris", stage="dev")
    result = deployed.run("endpoint", "--stage", "prod")

    assert result.returncode == 1
    assert "No training job of this project and stage is completed. Train: nox -s" in result.stdout

    job(deployed, "iris-prod-4", project="iris", stage="prod")
    latest = job(deployed, "iris-prod-3", project="iris", stage="prod")
    result = deployed.run("endpoint", "--stage", "prod")

    assert result.returncode == 0, result.stdout
    assert deployed.front.sent("CreateModel")["PrimaryContainer"]["ModelDataUrl"] == latest


def test_all_settings(deployed: Deployed) -> None:
    """Name, hosts, network, key, capture and variables reach SageMaker."""
    network = {"subnets": ["subnet-1"], "security_groups": ["sg-1"]}
    endpoint = {
        "name": "flowers",
        "instance_type": "ml.c5.xlarge",
        "instance_count": 3,
        "data_capture": {"destination": "s3://models/capture", "percentage": 20},
    }
    settings = {**COMPLETE, "kms_key": "alias/k", "network": network, "endpoint": endpoint}
    deployed.settings(sagemaker=settings, environment={"SERVER_WORKERS": 2})
    result = deployed.run("endpoint", *MODEL)

    assert result.returncode == 0, result.stdout
    model = deployed.front.sent("CreateModel")
    assert model["PrimaryContainer"]["Environment"] == {"MLDOCK_SERVER_WORKERS": "2"}
    assert model["VpcConfig"] == {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    configuration = deployed.front.sent("CreateEndpointConfig")
    (variant,) = configuration["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.c5.xlarge", 3)
    assert configuration["KmsKeyId"] == "alias/k"
    capture = configuration["DataCaptureConfig"]
    assert capture["InitialSamplingPercentage"] == 20
    assert capture["DestinationS3Uri"] == "s3://models/capture"
    assert capture["CaptureContentTypeHeader"]["CsvContentTypes"] == ["text/csv"]
    assert deployed.front.sent("CreateEndpoint")["EndpointName"] == "flowers"

    # The same once more makes nothing.
    deployed.front.requests.clear()
    result = deployed.run("endpoint", *MODEL)
    assert result.returncode == 0
    assert "The endpoint flowers is up to date.\n" in result.stdout
    made = {name for name in deployed.front.asked() if not name.startswith(("Describe", "List"))}
    assert made == set()


def test_try(deployed: Deployed) -> None:
    """With --try, payload.json is sent, and its answer or the model's failure is told."""
    bodies: list[bytes] = []

    def answer(body: bytes) -> tuple[int, bytes]:
        bodies.append(body)
        return 200, b'{"label": "setosa"}'

    deployed.front.invocations = answer
    result = deployed.run("endpoint", "--try", *MODEL)

    assert result.returncode == 0, result.stdout
    assert 'payload.json is answered with: {"label": "setosa"}' in result.stdout
    assert bodies == [(deployed.path / "payload.json").read_bytes()]

    fault = {"__type": "ModelError", "Message": "500", "OriginalMessage": "no such column"}
    deployed.front.invocations = lambda _: (424, json.dumps(fault).encode())
    result = deployed.run("endpoint", "--try", *MODEL)

    assert result.returncode == 1
    assert "The model fails on payload.json: no such column" in result.stdout


def test_refused(deployed: Deployed) -> None:
    """What cannot work is named before anything is made."""
    scaling = {"minimum": 5, "maximum": 2}
    deployed.settings(sagemaker={**COMPLETE, "endpoint": {"autoscaling": scaling}})
    result = deployed.run("endpoint", *MODEL)
    assert result.returncode == 1
    assert "autoscaling.minimum (5) is more than maximum (2)." in result.stdout

    deployed.settings(sagemaker=COMPLETE)
    result = deployed.run("endpoint", "--model", "model.tar.gz")
    assert result.returncode == 1
    assert "--model model.tar.gz is no archive on S3." in result.stdout
    assert not [name for name in deployed.front.asked() if name.startswith("Create")]
