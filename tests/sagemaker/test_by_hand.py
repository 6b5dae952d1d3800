"""The image in the hands of a person: with shell scripts, and without being root."""

from __future__ import annotations

import os
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.client import free_port, wait_until_ready
from tests.images import LABEL, Image
from tests.sagemaker.sdk import Sdk

pytestmark = pytest.mark.docker

# What the examples of SageMaker's own containers have been tried with for years: a folder as
# /opt/ml, `train`, `serve`, and curl. Their resourceConfig.json has a capital and no content.
TRAIN = 'docker run --label "$LABEL" -v "$FOLDER":/opt/ml --rm "$IMAGE" train'
SERVE = """docker run --label "$LABEL" --name "$NAME" -d -v "$FOLDER":/opt/ml \
    -p "127.0.0.1:$PORT:8080" --rm "$IMAGE" serve"""
PREDICT = """curl --silent --show-error --data-binary @"$PAYLOAD" -H "Content-Type: text/csv" \
    "http://127.0.0.1:$PORT/invocations" """
STOP = 'docker stop "$NAME"; docker logs "$NAME" 2>&1 || true'


def test_shell_scripts(telling: Image, tmp_path: Path) -> None:
    """Three lines of shell train, serve and predict."""
    folder = telling.make_base_dir(tmp_path / "test_dir")
    config = folder / "input" / "config"
    (config / "resourceConfig.json").touch()
    (config / "hyperparameters.json").write_text('{"count": "2"}', "utf-8")
    port = free_port()
    variables = {
        "LABEL": LABEL,
        "IMAGE": telling.name,
        "FOLDER": str(folder),
        "NAME": f"mldock-test-{uuid.uuid4().hex[:8]}",
        "PORT": str(port),
        "PAYLOAD": str(telling.project.path / "payload.csv"),
    }

    shell(TRAIN, variables)
    shell(SERVE, variables)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", lambda: shell(STOP, variables))
        answer = shell(PREDICT, variables)
    finally:
        shell(STOP, variables)

    species = [line.split(",")[0] for line in answer.splitlines()]
    assert species == ["setosa", "versicolor", "virginica"]
    assert not (folder / "output" / "failure").exists()


def shell(script: str, variables: dict[str, str]) -> str:
    """Run a script, which succeeds, and return what it prints."""
    result = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=360,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def test_user_who_is_not_root(telling: Image, sdk: Sdk) -> None:
    """The SDK can remove what root has written in the container, and so ends well."""
    data = str(sdk.folder / "data" / "training")
    fit = {"hosts": 1, "hyperparameters": {}, "channels": {"training": (data, None)}}

    run = sdk.run("user", telling.name, as_root=False, fits=[fit])

    assert run.results["fits"] == [None], run.log
    assert "classifier/model.npz" in run.archive(0, "model.tar.gz").names()
