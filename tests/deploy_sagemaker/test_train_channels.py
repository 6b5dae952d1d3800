"""What a job reads and keeps: by SageMaker what it can, and the rest by the container itself."""

from __future__ import annotations

from typing import Any

from tests.deploy_sagemaker.conftest import Deployed
from tests.deploy_sagemaker.front import Content


def asked(deployed: Deployed, **settings: Any) -> Content:
    """Return what SageMaker is asked for."""
    deployed.settings(**settings)
    result = deployed.run("train", "--no-wait")
    assert result.returncode == 0, result.stdout
    return deployed.front.sent("CreateTrainingJob")


def places(request: Content) -> dict[str, str]:
    """Return where SageMaker fetches each channel."""
    return {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in request.get("InputDataConfig", ())
    }


def test_kinds(deployed: Deployed) -> None:
    """Other stores, archives, inputs of models and outputs of data are the container's work."""
    store = deployed.client("s3")
    store.put_object(Bucket="data", Key="one.csv", Body=b"1\n")
    store.put_object(Bucket="data", Key="archives/a.zip", Body=b"1")
    request = asked(
        deployed,
        data=[
            {"name": "training", "remote": "s3://data/training/"},
            {"name": "one", "remote": "s3://data/one.csv"},
            {"name": "packed", "remote": "s3://data/archives", "unpack": True},
            {"name": "google", "remote": "gs://data/google"},
            {"name": "azure", "remote": "az://data/azure"},
            {"name": "report", "remote": "s3://data/report", "direction": "output"},
            {"name": "here", "direction": "output"},
        ],
        model=[
            {"name": "base", "remote": "s3://models/base"},
            {"name": "classifier", "remote": "s3://models/out", "direction": "output"},
        ],
        checkpoints="gs://data/checkpoints",
    )

    assert places(request) == {
        "training": "s3://data/training/",
        "one": "s3://data/one.csv",
    }
    assert request["Environment"] == {
        "MLDOCK_INPUT_CHANNEL_PACKED": "s3://data/archives",
        "MLDOCK_UNPACK_CHANNELS": "packed",
        "MLDOCK_INPUT_CHANNEL_GOOGLE": "gs://data/google",
        "MLDOCK_INPUT_CHANNEL_AZURE": "az://data/azure",
        "MLDOCK_OUTPUT_CHANNEL_REPORT": "s3://data/report",
        "MLDOCK_INPUT_MODEL_CHANNEL_BASE": "s3://models/base",
        "MLDOCK_CHECKPOINTS": "gs://data/checkpoints",
    }
    assert "CheckpointConfig" not in request


def test_checkpoints_on_s3(deployed: Deployed) -> None:
    """SageMaker keeps checkpoints that are on S3, so that the container does not do it too."""
    request = asked(deployed, checkpoints="s3://models/checkpoints", data=[])

    assert request["CheckpointConfig"] == {"S3Uri": "s3://models/checkpoints"}
    assert "MLDOCK_CHECKPOINTS" not in request.get("Environment", {})
    # SageMaker refuses an empty list.
    assert "InputDataConfig" not in request


def test_bucket_that_may_not_be_listed(deployed: Deployed) -> None:
    """The role may read what the person may not list; then the channel is a folder."""
    fault = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    deployed.front.paths["/data"] = (403, fault)

    assert places(asked(deployed)) == {"training": "s3://data/training/"}
