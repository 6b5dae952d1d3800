"""`--dry-run` and the confirmation: nothing happens that was not agreed to."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.deploy_sagemaker.conftest import COMPLETE, ROLE, Deployed
from tests.deploy_sagemaker.validation import request_faults

SERVICES = {
    "RegisterScalableTarget": "application-autoscaling",
    "PutScalingPolicy": "application-autoscaling",
    "DeregisterScalableTarget": "application-autoscaling",
}
SERVING = ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"]


def dry_run(deployed: Deployed, *arguments: str) -> tuple[list[tuple[str, Any]], str]:
    """Return the requests that a command prints without an account, and what it assumes."""
    result = subprocess.run(
        deployed.command(*arguments, "--dry-run"),
        cwd=deployed.path,
        env=deployed.variables(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""),
        capture_output=True,
        text=True,
        timeout=360,
    )
    assert result.returncode == 0, result.stderr
    decoder, text, requests = json.JSONDecoder(), result.stdout, []
    while text.strip():
        block, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        requests += block.items()
    assert deployed.front.asked() == []
    return requests, result.stderr


@pytest.mark.parametrize(
    ("arguments", "operations"),
    [
        (("train", "-p", "seed", "7"), ["CreateTrainingJob"]),
        (("endpoint",), [*SERVING, "RegisterScalableTarget", "PutScalingPolicy"]),
        (
            ("endpoint", "--undo"),
            [
                "DeregisterScalableTarget",
                "UpdateEndpoint",
                "AddTags",
                "RegisterScalableTarget",
                "PutScalingPolicy",
            ],
        ),
        (("batch", "--input", "s3://data/questions/"), ["CreateModel", "CreateTransformJob"]),
        (
            ("delete",),
            ["DeregisterScalableTarget", "DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"],
        ),
    ],
)
def test_dry_run(deployed: Deployed, arguments: tuple[str, ...], operations: list[str]) -> None:
    """Valid requests are printed without credentials, a region, a registry or a commit."""
    sagemaker = {"role": ROLE, "output": "s3://models/iris"}
    deployed.settings(registry=None, sagemaker={**sagemaker, "endpoint": {"autoscaling": {}}})
    (deployed.path / "src" / "more.py").write_text("")
    requests, told = dry_run(deployed, *arguments)

    assert [name for name, _ in requests] == operations
    for name, content in requests:
        assert request_faults(SERVICES.get(name, "sagemaker"), name, content) == []
    assert "AWS is not asked" in told
    if "--undo" not in arguments and arguments[0] != "delete":
        assert "registry.example.com is assumed" in told
        assert "the tag DRY-RUN is assumed" in told


def test_dry_run_of_an_untouched_project(deployed: Deployed) -> None:
    """What mldock.json lacks is assumed, and said."""
    deployed.settings(registry=None, sagemaker={}, data=[{"name": "training"}])
    ((name, content),), told = dry_run(deployed, "train")

    assert request_faults("sagemaker", name, content) == []
    (channel,) = content["InputDataConfig"]
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == "s3://your-bucket/training/"
    assert "mldock.json lacks, and assumed is:" in told
    assert all(part in told for part in ('"role"', '"output"', '"data"'))


def test_try(deployed: Deployed) -> None:
    """The request that --try sends is printed too."""
    requests, _ = dry_run(deployed, "endpoint", "--try")

    payload = json.loads((deployed.path / "payload.json").read_text())
    assert requests[-1] == ("InvokeEndpoint", payload)


@pytest.mark.parametrize("command", [("train",), ("endpoint", "--model", "s3://m/m.tar.gz")])
def test_confirmation(deployed: Deployed, command: tuple[str, ...]) -> None:
    """What will be done is shown, and without agreement nothing is changed."""
    deployed.settings(sagemaker=COMPLETE)
    result = subprocess.run(
        deployed.command(*command),
        cwd=deployed.path,
        env=deployed.variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=360,
    )

    assert result.returncode == 1
    assert "hosts: 1 x ml.m5.large" in result.stdout
    assert "Add --yes" in result.stderr
    assert not [name for name in deployed.front.asked() if name.startswith("Create")]
