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
    "Tags": [{"Key": "mldock:stage", "Value": "prod_1: ä"}],
}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"TrainingJobName": "iris.1"}, "TrainingJobName"),
        ({"HyperParameters": {"seed": 7}}, "HyperParameters.seed"),
        ({"OutputDataConfig": {}}, "S3OutputPath"),
        ({"ResourceConfig": {"InstanceType": "m5.large"}}, "ResourceConfig.InstanceType"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 31}}, "RetryStrategy.MaximumRetryAttempts"),
        ({"Hosts": 2}, '"Hosts"'),
        ({"Tags": [{"Key": "stage", "Value": "prod, später"}]}, "Tags.Value"),
    ],
)
def test_fault(change: dict[str, Any], place: str) -> None:
    """Each kind of fault is found, at its place."""
    assert request_faults("sagemaker", "CreateTrainingJob", GOOD) == []

    (fault,) = request_faults("sagemaker", "CreateTrainingJob", GOOD | change)
    assert place in fault
