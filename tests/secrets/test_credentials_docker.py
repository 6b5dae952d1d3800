"""A container that reads a channel with a profile of the caller's home, and cannot change it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from docker.models.containers import Container
from moto.server import ThreadedMotoServer

from tests.engine import engine
from tests.project import Project

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("image")]

BUCKET = "mldock-test-profile"
KEYS = "/run/secrets/AWS_SHARED_CREDENTIALS_FILE"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Return the address of an S3 server, as it is inside of a container."""
    server = ThreadedMotoServer("0.0.0.0", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key="training/data.csv", Body=b"a,b\n1,2\n")
    yield f"http://host.docker.internal:{port}"
    server.stop()


@pytest.fixture
def home(tmp_path: Path, endpoint: str, word: str) -> Path:
    """Return a home whose `.aws` has a profile, for its owner's eyes only."""
    folder = tmp_path / "home" / ".aws"
    folder.mkdir(parents=True, mode=0o700)
    config = f"[profile work]\nregion = us-east-1\nendpoint_url = {endpoint}\n"
    key = f"[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = {word}\n"
    for name, text in {"config": config, "credentials": key}.items():
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o600)
    return folder.parent


def variables(home: Path) -> dict[str, str]:
    """Return the environment of somebody who has only that home."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**known, "HOME": str(home), "AWS_PROFILE": "work"}


def train(project: Project, home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a training whose channel lies on S3."""
    channel = ["-e", "INPUT_CHANNEL_BOUGHT", f"s3://{BUCKET}/training"]
    return subprocess.Popen(
        project.command("train", "--docker", *channel, *arguments),
        cwd=project.path,
        env=variables(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_profile_of_the_home(project: Project, home: Path, word: str) -> None:
    """It opens the store; the container can read it, and neither change nor tell it."""
    with train(project, home, "-e", "A", "wait") as process:
        container = running(project, process)
        told = json.dumps(container.attrs)
        mounts = {mount["Destination"]: mount for mount in container.attrs["Mounts"]}
        refused = [
            shell(container, command)
            for command in (f"echo x >> {KEYS}", "touch /run/secrets/new", "touch /usr/new")
        ]
        read = shell(container, f"cat {KEYS}")
        own = shell(container, "touch /tmp/mine && id -u")
        (project.path / ".mldock" / "checkpoints" / "go").touch()
        log, _ = process.communicate(timeout=360)

    assert process.returncode == 0, log
    assert all(code != 0 for code, _ in refused), refused
    assert all("Read-only file system" in output for _, output in refused), refused
    assert word in read[1]
    assert own == (0, f"{os.getuid()}\n")
    assert mounts[KEYS]["RW"] is False
    assert word not in told
    assert "AKIAWORK" not in told
    assert word not in log
    fetched = project.path / ".mldock" / "input" / "data" / "bought" / "data.csv"
    assert fetched.read_bytes() == b"a,b\n1,2\n"


def test_without_the_profile(project: Project, home: Path) -> None:
    """The same container without the file: the store stays closed, in one line."""
    (home / ".aws" / "credentials").unlink()
    with train(project, home) as process:
        log, _ = process.communicate(timeout=360)

    assert process.returncode == 1
    assert "MLDOCK_INPUT_CHANNEL_BOUGHT=s3://" in log
    assert "Traceback" not in log


def running(project: Project, process: subprocess.Popen[str]) -> Container:
    """Return the container of a project, once its trainer waits."""
    waits = project.path / ".mldock" / "checkpoints" / "waits"
    deadline = time.monotonic() + 360
    while not waits.exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.1)
    label = {"label": f"mldock.project={project.path}"}
    containers: list[Any] = engine().containers.list(filters=label)
    assert len(containers) == 1
    return containers[0]


def shell(container: Container, command: str) -> tuple[int, str]:
    """Run a command in a container as the user that it has."""
    code, output = container.exec_run(["sh", "-c", command])
    return code, output.decode()
