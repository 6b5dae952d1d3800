"""A job whose data and model are on S3, in its image: the real client against a server of S3."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.client import free_port, wait_until_ready
from tests.container.conftest import LABEL
from tests.engine import engine
from tests.project import Project, generate

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Return the address of an S3 server, as it is inside of a container."""
    server = ThreadedMotoServer("0.0.0.0", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://host.docker.internal:{port}"
    server.stop()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Return a project with channels on S3, and its image."""
    path = tmp_path_factory.mktemp("storage") / f"mldock-test-storage-{LABEL[-8:]}"
    # With this Python the image is built on another Debian.
    project = generate(path, template="generic", storage="s3", python_version="3.11")
    result = project.nox("build", "--stage", "prod", "--label", LABEL)
    assert result.returncode == 0, result.stdout
    yield project
    engine().images.remove(f"{path.name}:prod", force=True)


@pytest.fixture(scope="module")
def variables(endpoint: str) -> dict[str, Any]:
    """Return what leads the AWS SDK to the server."""
    return {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "a secret of the test",
        "AWS_REGION": "us-east-1",
    }


@pytest.fixture(scope="module")
def bucket(project: Project, endpoint: str) -> Any:
    """Return the bucket that the project's mldock.json names, with its training data."""
    channels = json.loads((project.path / "mldock.json").read_text())["stages"]["prod"]["data"]
    name = channels[0]["remote"].removeprefix("s3://").partition("/")[0]
    session = boto3.Session("test", "a secret of the test", region_name="us-east-1")
    here = endpoint.replace("host.docker.internal", "127.0.0.1")
    bucket = session.resource("s3", endpoint_url=here).create_bucket(Bucket=name)
    for path in (project.path / "data" / "training").iterdir():
        bucket.upload_file(str(path), f"training/{path.name}")
    return bucket


def test_trains_and_serves(project: Project, bucket: Any, variables: dict[str, Any]) -> None:
    """The stage's channels: data from S3, the model to S3, and from there into a server."""
    trained = project.nox("train", "--docker", "--stage", "prod", **variables)

    assert trained.returncode == 0, trained.stdout
    keys = {item.key for item in bucket.objects.filter(Prefix="model/")}
    files = {".mldock-manifest.json", "model.npz", "batch_invariance.json"}
    assert keys == {f"model/{name}" for name in files}
    assert variables["AWS_SECRET_ACCESS_KEY"] not in trained.stdout

    shutil.rmtree(project.path / ".mldock" / "model")
    port = str(free_port())
    channel = ["-e", "MODEL_INPUT_CHANNEL_CLASSIFIER", f"s3://{bucket.name}/model"]
    command = project.command("serve", "--docker", "--stage", "prod", "--port", port, *channel)
    with subprocess.Popen(command, cwd=project.path, env={**os.environ, **variables}) as process:
        wait_until_ready(f"http://127.0.0.1:{port}", lambda: "nox -s serve -- --docker")
        answer = project.nox("predict", "payload.json")
        in_the_way = project.nox("serve", "--docker", "--stage", "prod", "--port", port)
        stopped = project.nox("stop")
        assert process.wait(timeout=300) == 0
    assert answer.returncode == 0, answer.stdout
    assert in_the_way.returncode == 1
    assert "already served" in in_the_way.stdout
    assert "Stopped." in stopped.stdout


def test_refused(project: Project, bucket: Any, variables: dict[str, Any]) -> None:
    """A bucket that is not there: one line with the channel, the place and the remedy."""
    channel = ["-e", "INPUT_CHANNEL_OTHER", f"s3://{bucket.name}-other/data"]
    trained = project.nox("train", "--docker", "--stage", "prod", *channel, **variables)

    assert trained.returncode == 1
    failure = (project.path / ".mldock" / "output" / "failure").read_text(encoding="utf-8")
    assert failure == (
        f"MLDOCK_INPUT_CHANNEL_OTHER=s3://{bucket.name}-other/data: NoSuchBucket: The specified "
        "bucket does not exist. Correct the URI, or create the bucket.\n"
    )
