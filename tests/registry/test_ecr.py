"""Amazon ECR: signing in with AWS credentials, and the repository that `--create` makes."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.generate.repository import Repository, own
from tests.project import Project, generate

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
LIBRARIES = "import json\nfrom mldock.cli.registry import credentials, ecr\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with an environment."""
    project = generate(tmp_path_factory.mktemp("ecr") / "shop", template="generic")
    own(project.path)
    result = project.nox("train")
    assert result.returncode == 0, result.stdout
    return project


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a server that speaks ECR, which the environment names."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_ECR": f"http://{address}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("ecr", region_name="eu-west-1")
    yield client
    for repository in client.describe_repositories()["repositories"]:
        client.delete_repository(repositoryName=repository["repositoryName"], force=True)
    server.stop()


def python(project: Project, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code with the project's own environment, as its sessions do."""
    path = os.pathsep.join([str(project.path), str(project.path / "src")])
    return subprocess.run(
        [str(project.path / ".venv" / "bin" / "python"), "-c", LIBRARIES + code],
        cwd=project.path,
        env={**os.environ, "PYTHONPATH": path, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


def test_aws_signs_in(project: Project, ecr: Any, tmp_path: Any) -> None:
    """Where Docker has no credentials for ECR, its token becomes a name and a password."""
    found = python(
        project,
        f"print(json.dumps(credentials.SignIn.to({HOST!r}).credentials))",
        DOCKER_CONFIG=str(tmp_path),
    )

    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    name, password = base64.b64decode(token).decode().split(":")
    assert name == "AWS"
    assert json.loads(found.stdout) == {"username": name, "password": password}


def test_docker_comes_first(project: Project, ecr: Any, tmp_path: Any) -> None:
    """What Docker has for ECR is used; when ECR refuses it, AWS is asked."""
    assert ecr
    secret = base64.b64encode(b"AWS:of-docker").decode()
    configuration = {"auths": {HOST: {"auth": secret}}}
    (tmp_path / "config.json").write_text(json.dumps(configuration), "utf-8")

    found = python(
        project,
        f"one = credentials.SignIn.to({HOST!r})\n"
        "print(one.credentials['password'], one.renew(), one.credentials['username'],"
        " one.credentials['password'] != 'of-docker', one.renew())",
        DOCKER_CONFIG=str(tmp_path),
    )

    assert found.stdout.split() == ["of-docker", "True", "AWS", "True", "False"]


def test_created_repository(project: Project, ecr: Any) -> None:
    """It scans what arrives, and its tags stay, but for those of stages; a second time is fine."""
    create = f"print(ecr.create({HOST!r}, 'eu-west-1', '{HOST}/team/shop', ['prod', 'latest']))"

    assert python(project, create).stdout == "True\n"
    assert python(project, create).stdout == "False\n"

    (made,) = ecr.describe_repositories()["repositories"]
    assert made["repositoryName"] == "team/shop"
    assert made["registryId"] == "123456789012"
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}
    assert made["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert made["imageTagMutabilityExclusionFilters"] == [
        {"filterType": "WILDCARD", "filter": "prod"},
        {"filterType": "WILDCARD", "filter": "latest"},
    ]


@pytest.mark.docker
def test_no_aws_credentials(project: Project, tmp_path: Any) -> None:
    """Without AWS credentials the session says how to sign in, in one line."""
    path = project.path / "mldock.json"
    settings = {**json.loads(path.read_text("utf-8")), "registry": HOST}
    path.write_text(json.dumps(settings), "utf-8")
    Repository(project.path).commit()

    result = project.nox(
        "push",
        DOCKER_CONFIG=str(tmp_path),
        AWS_EC2_METADATA_DISABLED="true",
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "none"),
        AWS_CONFIG_FILE=str(tmp_path / "none"),
        HOME=str(tmp_path),
    )

    assert result.returncode == 1
    assert f"AWS gives no sign-in to {HOST}: Unable to locate credentials. Sign" in result.stdout
    assert "aws sso login" in result.stdout
    assert "Traceback" not in result.stdout
