"""A registry in a container, for one user, and what it says it holds."""

from __future__ import annotations

import base64
import io
import json
import ssl
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path

import docker
from docker.models.containers import Container

from tests.client import free_port
from tests.engine import engine

# What this run of the tests makes, and so what it removes.
LABEL = f"mldock.test={uuid.uuid4().hex}"
IMAGE = f"mldock-test-registry-{LABEL[-8:]}"
USER = "someone"


def build() -> None:
    """Build the image of the registry."""
    folder = Path(__file__).parent
    command = ["docker", "build", "--quiet", "--label", LABEL, "--tag", IMAGE, str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


@dataclass
class Registry:
    """A registry that runs."""

    container: Container
    address: str
    port: int
    user: str
    password: str = field(repr=False)

    @property
    def host(self) -> str:
        """What names it in `mldock.json`."""
        return f"{self.address}:{self.port}"

    @property
    def authority(self) -> bytes:
        """The certificate of its authority."""
        parts, _ = self.container.get_archive("/certs/ca.pem")
        with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
            file = archive.extractfile("ca.pem")
            assert file is not None
            return file.read()

    def ask(self, path: str, method: str = "GET") -> HTTPResponse:
        """Ask its API, as its user; the certificate must be of its authority."""
        signed = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        kinds = "application/vnd.docker.distribution.manifest.v2+json"
        request = urllib.request.Request(
            f"https://{self.host}/v2/{path}",
            headers={
                "Authorization": f"Basic {signed}",
                "Accept": f"{kinds}, application/vnd.oci.image.manifest.v1+json",
            },
            method=method,
        )
        context = ssl.create_default_context(cadata=self.authority.decode())
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=150, context=context)
        return answer

    def tags(self, repository: str) -> dict[str, str]:
        """Return the tags of a repository, with the digest of each."""
        with self.ask(f"{repository}/tags/list") as answer:
            tags = json.load(answer)["tags"]
        digests = {}
        for tag in tags:
            with self.ask(f"{repository}/manifests/{tag}", "HEAD") as answer:
                digests[tag] = answer.headers["Docker-Content-Digest"]
        return digests

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 300
        while True:
            try:
                self.ask("").close()
                return
            # There is no certificate yet, and nothing that listens.
            except (OSError, docker.errors.APIError, tarfile.TarError) as error:
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                assert time.monotonic() < deadline, self.container.logs().decode()
                time.sleep(0.2)


@contextmanager
def serving(address: str = "127.0.0.1", user: str = USER, password: str = "") -> Iterator[Registry]:
    """Yield a registry; it is removed with all that it holds."""
    # Nothing new but after another test has removed it.
    build()
    port, password = free_port(), password or uuid.uuid4().hex
    container = engine().containers.run(
        IMAGE,
        detach=True,
        labels=dict([LABEL.split("=")]),
        ports={"5000/tcp": (address, port)},
        environment={
            "USER_NAME": user,
            "PASSWORD": password,
            "ADDRESSES": f"IP:{address}",
        },
    )
    try:
        registry = Registry(container, address, port, user, password)
        registry.wait()
        yield registry
    finally:
        container.remove(force=True, v=True)
