"""`batch`: files on S3, answered by the model."""

from __future__ import annotations

from tests.deploy_sagemaker.conftest import REGION, ROLE, Deployed
from tests.deploy_sagemaker.test_endpoint import MODEL

INPUT = ("--input", "s3://data/questions/")


def test_batch(deployed: Deployed) -> None:
    """CSV is cut into lines, and answered by lines."""
    result = deployed.run("batch", "--stage", "prod", *INPUT, *MODEL)

    assert result.returncode == 0, result.stdout
    request = deployed.front.sent("CreateTransformJob")
    name = request["TransformJobName"]
    assert request["ModelName"] == deployed.front.sent("CreateModel")["ModelName"]
    assert (request["BatchStrategy"], request["MaxPayloadInMB"]) == ("MultiRecord", 6)
    assert request["TransformInput"] == {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/questions/"}},
        "ContentType": "text/csv",
        "SplitType": "Line",
    }
    output = {"S3OutputPath": f"s3://models/iris/{name}", "Accept": "text/csv"}
    assert request["TransformOutput"] == output
    assert request["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    assert f"  output: s3://models/iris/{name}, a NAME.out for each file\n" in result.stdout
    assert "InProgress\nCompleted\n" in result.stdout


def test_all_settings(deployed: Deployed) -> None:
    """Hosts, key and places reach SageMaker; a JSON file is one request."""
    hosts = {"instance_type": "ml.m5.xlarge", "instance_count": 2}
    # Who says where the answers go needs no place for all outputs.
    needed = {"region": REGION, "role": ROLE}
    deployed.settings(sagemaker={**needed, "kms_key": "alias/k", "batch": hosts})
    options = ("--output", "s3://answers/here", "--content-type", "application/json", "--no-wait")
    result = deployed.run("batch", *INPUT, *MODEL, *options)

    assert result.returncode == 0, result.stdout
    request = deployed.front.sent("CreateTransformJob")
    assert request["BatchStrategy"] == "SingleRecord"
    assert request["TransformInput"]["SplitType"] == "None"
    assert request["TransformOutput"] == {
        "S3OutputPath": "s3://answers/here",
        "Accept": "application/json",
        "KmsKeyId": "alias/k",
    }
    assert request["TransformResources"] == {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 2,
        "VolumeKmsKeyId": "alias/k",
    }
    assert "stop-transform-job --transform-job-name iris-" in result.stdout


def test_failed(deployed: Deployed) -> None:
    """A job that fails ends with 1 and the reason."""
    deployed.states.transform = ["InProgress", "Failed"]
    deployed.states.reason = "ClientError: See job logs for more information"
    result = deployed.run("batch", *INPUT, *MODEL)

    assert result.returncode == 1
    assert result.stdout.rstrip().endswith(f"is not completed: {deployed.states.reason}")
