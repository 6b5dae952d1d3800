"""The check of requests finds what SageMaker would refuse and the SDK lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deploy_sagemaker.validation import request_faults

GOOD: dict[str, Any] = {
    "TrainingJobName": "iris-1",
    "RoleArn": "arn:aws:iam::123456789012:role/iris",
    "OutputDataConfig": {"S3OutputPath": "s3://models"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "HyperParameters": {"seed": "7"},
    "Environment": {"MLDOCK_STAGE": "prod"},
    "Tags": [{"Key": "mldock:stage", "Value": "prod, später"}],
}


def test_good() -> None:
    """A request without a fault has none."""
    tags = [{"Key": "mldock:stage", "Value": "prod_1: ä"}]

    assert request_faults("sagemaker", "CreateTrainingJob", GOOD | {"Tags": tags}) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"TrainingJobName": "iris.1"}, "TrainingJobName"),
        ({"TrainingJobName": "x" * 64}, "TrainingJobName"),
        ({"RoleArn": "arn:aws:iam::12:role/iris"}, "RoleArn"),
        ({"HyperParameters": {"seed": 7}}, "HyperParameters.seed"),
        ({"HyperParameters": {"text": "two\nlines"}}, "HyperParameters.text"),
        ({"Environment": {"A-B": "1"}}, "Environment, key 'A-B'"),
        ({"OutputDataConfig": {}}, "OutputDataConfig.S3OutputPath is missing"),
        ({"OutputDataConfig": {"S3OutputPath": "models"}}, "OutputDataConfig.S3OutputPath"),
        ({"ResourceConfig": {"InstanceType": "m5.large"}}, "ResourceConfig.InstanceType"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 31}}, "RetryStrategy.MaximumRetryAttempts"),
        ({"Hosts": 2}, "Hosts is not known"),
        ({"Tags": [{"Key": "", "Value": "1"}]}, "Tags[0].Key"),
        ({}, "Tags[0].Value"),
    ],
)
def test_fault(change: dict[str, Any], place: str) -> None:
    """Each kind of fault is found, at its place; a comma is not admitted in a tag."""
    found = request_faults("sagemaker", "CreateTrainingJob", GOOD | change)

    assert any(fault.startswith(f"CreateTrainingJob.{place}") for fault in found)
