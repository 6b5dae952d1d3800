"""A project with a commit, and the account that it is deployed to."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.deploy_sagemaker.front import Front
from tests.deploy_sagemaker.states import States
from tests.project import generate

REGION = "us-east-1"
REGISTRY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
ROLE = "arn:aws:iam::123456789012:role/iris"
SECRET = "q8Zk3secretkeythatnoonesees"
GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]

COMPLETE: dict[str, Any] = {"region": REGION, "role": ROLE, "output": "s3://models/iris"}

PROGRAM = """
from mldock.__main__ import main
from mldock.cli.deploy.sagemaker import target
target.POLLS["Delay"] = 0
main()
"""

SETTINGS: dict[str, Any] = {
    "image_name": "iris",
    "registry": REGISTRY,
    "hyperparameters": {},
    "data": [{"name": "training", "remote": "s3://data/training"}],
    "sagemaker": COMPLETE,
    "stages": {"dev": {}, "prod": {}},
}


@dataclass
class Deployed:
    """A project, and the account that it is deployed to."""

    path: Path
    front: Front
    states: States
    moto: str

    def settings(self, **values: Any) -> None:
        """Change mldock.json, and commit it with the image pushed."""
        file = self.path / "mldock.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | values, indent=2) + "\n")
        self.commit()

    def commit(self) -> None:
        """Commit all files, and push the image of the commit."""
        for command in (["add", "."], ["commit", "--quiet", "--allow-empty", "-m", "Change"]):
            subprocess.run([*GIT, *command], cwd=self.path, check=True)
        self.push(self.tag())

    def tag(self) -> str:
        """Return the tag that names the commit."""
        command = ["git", "rev-parse", "--short=12", "HEAD"]
        result = subprocess.run(command, cwd=self.path, check=True, capture_output=True, text=True)
        return f"0.1.0-{result.stdout.strip()}"

    def push(self, tag: str, content: str = "", repository: str = "iris") -> None:
        """Put an image into ECR."""
        kind = "application/vnd.oci.image.manifest.v1+json"
        config = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2}
        layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": 2}
        digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
        manifest = {
            "schemaVersion": 2,
            "mediaType": kind,
            "config": {**config, "digest": digest},
            "layers": [{**layer, "digest": digest}],
        }
        self.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=json.dumps(manifest),
            imageManifestMediaType=kind,
            imageTag=tag,
        )

    def client(self, service: str) -> Any:
        """Return a client of moto itself."""
        return boto3.client(
            service,
            endpoint_url=self.moto,
            region_name=REGION,
            aws_access_key_id="AKID",
            aws_secret_access_key=SECRET,
        )

    def variables(self, **variables: str) -> dict[str, str]:
        """Return the environment of a command."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join([str(self.path), str(self.path / "src")]),
            "AWS_ENDPOINT_URL": self.front.url,
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **variables,
        }

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that the session runs, but that it polls without a delay."""
        return [sys.executable, "-c", PROGRAM, "deploy", "sagemaker", *arguments]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a confirmed command to its end; what it tells never holds the secret key."""
        result = subprocess.run(
            self.command(*arguments, "--yes"),
            cwd=self.path,
            env=self.variables(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=360,
        )
        assert SECRET not in result.stdout
        assert "Traceback" not in result.stdout
        return result


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Return the address of moto."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a generated project with a commit."""
    path = tmp_path_factory.mktemp("original") / "iris"
    generate(path, template="generic", image_name="iris")
    file = path / "mldock.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | SETTINGS, indent=2) + "\n")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "First"]):
        subprocess.run([*GIT, *command], cwd=path, check=True)
    return path


@pytest.fixture
def deployed(original: Path, moto: str, tmp_path: Path) -> Iterator[Deployed]:
    """Return a project whose image is pushed; each request must be a valid one."""
    path = tmp_path / "iris"
    shutil.copytree(original, path, symlinks=True)
    reset = urllib.request.Request(f"{moto}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=150).close()
    front = Front(moto)
    project = Deployed(path, front, States(front), moto)
    project.client("ecr").create_repository(repositoryName="iris")
    project.push(project.tag())
    yield project
    front.stop()
    assert front.faults == []
