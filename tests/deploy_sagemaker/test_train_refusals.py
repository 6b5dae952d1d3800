"""What `train` refuses before SageMaker is asked: one message each, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deploy_sagemaker.conftest import REGION, REGISTRY, ROLE, Deployed
from tests.deploy_sagemaker.front import refusal

COMPLETE = {"region": REGION, "role": ROLE, "output": "s3://models"}


def refused(deployed: Deployed, *options: str, **variables: str) -> str:
    """Return what is said of a command that starts no job."""
    result = deployed.run("train", *options, **variables)
    assert result.returncode == 1
    assert "CreateTrainingJob" not in deployed.front.asked()
    return result.stdout


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"sagemaker": {"region": REGION}},
            "SageMaker needs to know role and output. Add to mldock.json:\n"
            '  "sagemaker": {"role": "arn:aws:iam::123456789012:role/NAME", '
            '"output": "s3://BUCKET/PREFIX"}',
        ),
        ({"registry": "ghcr.io/team"}, "from Amazon ECR only, not ghcr.io/team/iris:0.1.0-"),
        (
            {"data": [{"name": "training"}]},
            "The data channel 'training' lies on this machine, which SageMaker cannot read. Give "
            "it a remote, and store its files there:\n"
            "  nox -s data -- add training s3://BUCKET/training --replace\n"
            "  nox -s data -- push training\n",
        ),
        (
            {"data": [{"name": "a", "remote": "/mnt/a", "direction": "output"}]},
            "nox -s data -- push a --output",
        ),
        (
            {"data": [{"name": "training", "remote": "s3://data/nothing"}]},
            "The channel 'training' has no files at s3://data/nothing. Store them: "
            "nox -s data -- push training",
        ),
        (
            {"data": [{"name": "training", "remote": "s3://nowhere/training"}]},
            "MLDOCK_INPUT_CHANNEL_TRAINING=s3://nowhere/training: there is no such bucket.",
        ),
        (
            {"data": [{"name": "a-b", "remote": "gs://data/a-b"}]},
            "SageMaker has no variable MLDOCK_INPUT_CHANNEL_A-B",
        ),
        (
            {"sagemaker": {**COMPLETE, "training": {"spot": True, "max_wait_hours": 1}}},
            "max_wait_hours (1) is less than max_hours (24)",
        ),
    ],
)
def test_settings(deployed: Deployed, settings: dict[str, Any], told: str) -> None:
    """A setting that is missing or cannot work is named, with what to write."""
    deployed.settings(**settings)

    assert told in refused(deployed)


def test_no_credentials(deployed: Deployed) -> None:
    """Who is not signed in is told how to; a profile that does not exist is named."""
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

    assert "There are no AWS credentials. Sign in" in refused(deployed, **nobody)
    assert "(mine) could not be found" in refused(deployed, AWS_PROFILE="mine")


def test_no_image(deployed: Deployed) -> None:
    """An image that was not pushed, or that no commit names, costs no job."""
    (deployed.path / "src" / "more.py").write_text("")
    assert "--tag TAG" in refused(deployed)

    told = refused(deployed, "--tag", "never", "--stage", "prod")

    assert f"{REGISTRY}/iris:never is not in its registry." in told
    assert "nox -s push -- --stage prod" in told


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("AccessDeniedException", "Have the permission given"),
        ("ResourceLimitExceeded", "Service Quotas"),
        ("InternalFault", ""),
    ],
)
def test_refusal_of_aws(deployed: Deployed, code: str, remedy: str) -> None:
    """What AWS refuses is one line with its own words and what to do."""
    deployed.front.replies["CreateTrainingJob"] = lambda _: refusal(code, "its own\n words")
    result = deployed.run("train")

    assert result.returncode == 1
    line = result.stdout.strip().splitlines()[-1]
    assert line.startswith(f"AWS refuses CreateTrainingJob: its own words ({code}).")
    assert remedy in line


def test_no_aws(deployed: Deployed) -> None:
    """An AWS that does not answer is a line, too."""
    told = refused(deployed, AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")

    # On a slow machine a line before it says that AWS is asked.
    last = told.splitlines()[-1]
    assert last.startswith("AWS cannot be asked: Could not connect to the endpoint URL")
    assert "Check the network" in last
