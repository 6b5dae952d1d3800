"""`train`: what SageMaker is asked for, what is told meanwhile, and how it ends."""

from __future__ import annotations

import re
from typing import Any

from tests.deploy_sagemaker.conftest import REGISTRY, ROLE, Deployed

NAME = re.compile(r"Started (\S+) on")


def tags_of(request: dict[str, Any]) -> dict[str, str]:
    """Return the tags of a request."""
    return {tag["Key"]: tag["Value"] for tag in request["Tags"]}


def test_job(deployed: Deployed) -> None:
    """A stage's job has its image, role, channels, hosts, variables and tags.

    Each of its states is told once, in its order; at the end, where the model is.
    """
    result = deployed.run("train", "--stage", "prod", "-p", "seed", "7")

    assert result.returncode == 0, result.stdout
    request = deployed.front.sent("CreateTrainingJob")
    tag = deployed.tag()
    assert request["TrainingJobName"].startswith(f"iris-prod-{tag.replace('.', '-')}-")
    assert request["AlgorithmSpecification"]["TrainingImage"] == f"{REGISTRY}/iris:{tag}"
    assert request["RoleArn"] == ROLE
    assert request["HyperParameters"] == {"seed": "7"}
    assert request["Environment"] == {
        "MLDOCK_STAGE": "prod",
        "MLDOCK_HYPERPARAMETERS": '{"seed": "7"}',
    }
    (channel,) = request["InputDataConfig"]
    assert channel["ChannelName"] == "training"
    assert channel["DataSource"]["S3DataSource"] == {
        "S3DataType": "S3Prefix",
        "S3Uri": "s3://data/training/",
        "S3DataDistributionType": "FullyReplicated",
    }
    assert request["ResourceConfig"] == {
        "InstanceType": "ml.m5.large",
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
    }
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert request["OutputDataConfig"] == {"S3OutputPath": "s3://models/iris"}
    assert {"EnableManagedSpotTraining", "CheckpointConfig", "VpcConfig"}.isdisjoint(request)
    assert tags_of(request) == {
        "mldock:project": "iris",
        "mldock:version": "0.1.0",
        "mldock:stage": "prod",
        "mldock:image-tag": tag,
        "mldock:commit": tag.removeprefix("0.1.0-"),
    }
    name = NAME.findall(result.stdout)[0]
    states = re.findall(r"^(\w+): ", result.stdout, re.M)
    assert states[:5] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert f"Model: s3://models/iris/{name}/output/model.tar.gz" in result.stdout
    assert "nox -s deploy -- sagemaker endpoint" in result.stdout


def test_all_settings(deployed: Deployed) -> None:
    """Hosts, spot, network, key and hyperparameters of all kinds reach SageMaker."""
    key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    network = {"subnets": ["subnet-1", "subnet-2"], "security_groups": ["sg-1"]}
    training = {
        "instance_type": "ml.m5.xlarge",
        "volume_gb": 50,
        "max_hours": 1.5,
        "spot": True,
        "max_wait_hours": 3,
    }
    deployed.settings(
        hyperparameters={
            "rate": 0.1,
            "name": "abc",
            "flag": True,
            "nested": {"a": [1]},
            "no": None,
        },
        environment={"LOGS_LEVEL": "DEBUG", "RETRIES": 3},
        stages={
            "prod": {
                "hosts": 2,
                "sagemaker": {"kms_key": key, "network": network, "training": training},
            }
        },
    )
    result = deployed.run("train", "--stage", "prod", "--no-wait")

    assert result.returncode == 0, result.stdout
    request = deployed.front.sent("CreateTrainingJob")
    assert request["HyperParameters"] == {
        "rate": "0.1",
        "name": '"abc"',
        "flag": "true",
        "nested": '{"a": [1]}',
        "no": "null",
    }
    assert request["Environment"] == {
        "MLDOCK_STAGE": "prod",
        "MLDOCK_LOGS_LEVEL": "DEBUG",
        "MLDOCK_RETRIES": "3",
    }
    assert request["ResourceConfig"] == {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 50,
        "VolumeKmsKeyId": key,
    }
    assert request["OutputDataConfig"]["KmsKeyId"] == key
    assert request["VpcConfig"] == {
        "Subnets": ["subnet-1", "subnet-2"],
        "SecurityGroupIds": ["sg-1"],
    }
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 5400,
        "MaxWaitTimeInSeconds": 10800,
    }
    assert request["CheckpointConfig"] == {"S3Uri": "s3://models/iris/checkpoints/iris-prod"}
    # Without waiting, it says how to watch the job and how to stop it.
    name = request["TrainingJobName"]
    assert f"stop-training-job --training-job-name {name} --region us-east-1" in result.stdout
    assert "DescribeTrainingJob" not in deployed.front.asked()


def test_chosen_tag(deployed: Deployed) -> None:
    """A tag that a user has chosen needs no commit, and claims none.

    Hosts with disks of their own get no key for these, since SageMaker would refuse it.
    """
    settings = {"role": ROLE, "output": "s3://models", "region": "us-east-1", "kms_key": "alias/k"}
    deployed.settings(sagemaker={**settings, "training": {"instance_type": "ml.g4dn.xlarge"}})
    file = deployed.path / "mldock.json"
    file.write_text(file.read_text() + "\n")
    deployed.push("trial")
    result = deployed.run("train", "--tag", "trial", "--no-wait")

    assert result.returncode == 0, result.stdout
    request = deployed.front.sent("CreateTrainingJob")
    assert request["AlgorithmSpecification"]["TrainingImage"] == f"{REGISTRY}/iris:trial"
    assert "mldock:commit" not in tags_of(request)
    assert "VolumeKmsKeyId" not in request["ResourceConfig"]
    assert request["OutputDataConfig"]["KmsKeyId"] == "alias/k"
