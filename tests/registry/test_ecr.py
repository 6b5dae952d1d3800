"""Amazon ECR: signing in with AWS credentials, and the repository that `--create` makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from mldock.cli.registry import ecr
from mldock.cli.registry.transfer import transfer
from moto.server import ThreadedMotoServer

from tests.registry import server
from tests.registry.shop import Shop

pytestmark = pytest.mark.docker

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
# That of moto.
PASSWORD = "123456789012-auth-token"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a server that speaks ECR, which the environment names."""
    moto = ThreadedMotoServer(port=0, verbose=False)
    moto.start()
    address, port = moto.get_host_and_port()
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
    moto.stop()


def test_token_signs_in(
    shop: Shop, aws: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The docker command pushes with the token, and no file has it afterwards."""
    monkeypatch.setattr(ecr, "client", lambda _: aws)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("DOCKER_CONFIG", str(shop.configuration))
    before = (shop.configuration / "config.json").read_bytes()

    with server.serving(user="AWS", password=PASSWORD) as registry:
        shop.image().tag(f"{registry.host}/shop", "1")
        transfer("push", f"{registry.host}/shop:1")
        assert set(registry.tags("shop")) == {"1"}

    assert not list(temporary.iterdir())
    assert (shop.configuration / "config.json").read_bytes() == before


def test_stopped(aws: Any, tmp_path: Path) -> None:
    """A push that is ended from outside leaves no token behind either."""
    assert aws
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    docker = tmp_path / "docker-command" / "docker"
    docker.parent.mkdir()
    docker.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nexec sleep 60\n", "utf-8")
    docker.chmod(0o755)
    code = (
        "from mldock.cli.signals import handle, interrupt; handle(interrupt)\n"
        f"from mldock.cli.registry.transfer import transfer; transfer('push', '{HOST}/x:1')"
    )
    paths = {"TMPDIR": str(temporary), "PATH": f"{docker.parent}:{os.environ['PATH']}"}
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **paths})
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.1)
    assert list(temporary.rglob("config.json"))

    process.terminate()

    assert process.wait(60)
    assert not list(temporary.iterdir())


def test_no_aws_credentials(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Then Docker's own sign-in is used; where that is refused, a line says how to sign in."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    path = shop.docker(tmp_path, '"pull "*) echo "no basic auth credentials" >&2; exit 1 ;;')
    shop.set(registry=HOST)
    try:
        code, output = shop.run("pull", PATH=path)
        profile = shop.run("pull", PATH=path, AWS_PROFILE="nobody")
    finally:
        shop.repository.git("revert", "--no-edit", "HEAD")
        shop.build()

    assert code == profile[0] == 1
    assert f"AWS gives no sign-in to {HOST}, Docker's own is used: Unable to locate" in output
    assert "no basic auth credentials. Sign in as a user who may use it: aws sso" in output
    assert f"AWS gives no sign-in to {HOST}: The config profile (nobody) could not" in profile[1]


def test_create(shop: Shop, aws: Any, tmp_path: Path) -> None:
    """`--create` makes a repository that scans images, and where only tags of stages move."""
    seen = tmp_path / "config.json"
    path = shop.docker(
        tmp_path,
        f'"push "*) cp "$DOCKER_CONFIG/config.json" {seen}; exit ;;'
        '"pull "*) echo "name unknown" >&2; exit 1 ;;',
    )
    shop.set(registry=HOST)
    try:
        shop.build()
        first = shop.run("push", "--create", "--stage", "prod", PATH=path)
        second = shop.run("push", "--create", "--stage", "prod", PATH=path)
    finally:
        shop.repository.git("revert", "--no-edit", "HEAD")
        shop.build()

    assert first[0] == second[0] == 0, first[1] + second[1]
    assert f"Created {HOST}/{shop.name}; only" in first[1]
    assert "exists already and stays as it is." in second[1]
    assert HOST in json.loads(seen.read_bytes())["auths"]
    (made,) = aws.describe_repositories()["repositories"]
    assert made["repositoryName"] == shop.name
    assert made["registryId"] == "123456789012"
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}
    assert made["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    movable = [entry["filter"] for entry in made["imageTagMutabilityExclusionFilters"]]
    assert movable[0] == "prod"
    assert "latest" in movable
