"""Behind a company's proxy, which signs as an authority that only the company knows."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.container.conftest import LABEL
from tests.container.proxy import Proxy, proxied
from tests.engine import engine, host_address
from tests.project import Project, generate
from tests.secrets.search import find_in_image
from tests.secrets.server import USER, make_repository, make_wheel, serving

pytestmark = pytest.mark.docker

NAME = f"mldock-test-proxy-{LABEL[-8:]}"
WORD = secrets.token_hex(16)
INDEX, GIT, STORE = "packages.company.test", "git.company.test", "s3.us-east-1.amazonaws.com"

# As the base of a company whose mirror of Debian speaks TLS. With it no step is in the builder's
# cache, and apt does not make do with the lists of an earlier build.
BASE = r"""
FROM {base}
RUN find /etc/apt -name '*.list' -o -name '*.sources' | xargs sed -i s,http:,https:, && \
    rm -f /etc/pip.conf /etc/uv/uv.toml && \
    echo 'APT::Update::Error-Mode "any"; # {name}' >/etc/apt/apt.conf.d/mldock-test.conf
"""


@dataclass
class Company:
    """A project with requirements from servers of the company, and the way to them."""

    project: Project
    proxy: Proxy

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the project as somebody whose machine knows of the proxy."""
        known = {
            name: value
            for name, value in os.environ.items()
            if not re.search("CERT|CA_BUNDLE", name)
        }
        given = {"HTTPS_PROXY": self.proxy.url, "http_proxy": self.proxy.url, **variables}
        return subprocess.run(
            [sys.executable, "-m", "mldock", *arguments],
            cwd=self.project.path,
            env={**known, "NO_PROXY": "localhost,127.0.0.1", **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def build(self, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Build the image on a base of its own."""
        home = self.project.path.parent
        return self.run(
            *("build", "--no-lock", "--label", LABEL, "--progress", "plain"),
            *("--build-arg", f"BASE_IMAGE={NAME}:base"),
            f"--secret=id=uv_config,src={home / 'uv.toml'}",
            f"--secret=id=netrc,src={home / 'netrc'}",
            *options,
            **variables,
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Return the project; its servers and the proxy run."""
    root = tmp_path_factory.mktemp("company")
    make_wheel(root / "simple" / "mldock-indexed", "mldock_indexed")
    make_repository(root / "git" / "mldock_cloned", "mldock_cloned")
    project = generate(root / NAME, template="generic")
    with (project.path / "src" / "requirements.txt").open("a", encoding="utf-8") as file:
        file.write(f"mldock-indexed\nmldock-cloned @ git+https://{GIT}/git/mldock_cloned.git\n")
    (root / "uv.toml").write_text(f'[[index]]\nurl = "https://{INDEX}/simple"\n', "utf-8")
    logins = [f"machine {host} login {USER} password {WORD}\n" for host in (INDEX, GIT)]
    (root / "netrc").write_text("".join(logins), "utf-8")
    (original,) = re.findall(
        "ARG BASE_IMAGE=(.*)", (project.path / "src/container/Dockerfile").read_text("utf-8")
    )
    text = BASE.format(base=original, name=NAME)
    command = ["docker", "build", "--quiet", "--label", LABEL, "--tag", f"{NAME}:base", "-"]
    subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.DEVNULL)
    store = ThreadedMotoServer(host_address(), port=0, verbose=False)
    store.start()
    with serving(root, WORD) as server:
        hosts = {INDEX: server.port, GIT: server.port, STORE: store.get_host_and_port()[1]}
        with proxied(root, hosts, WORD) as proxy:
            yield Company(project, proxy)
    store.stop()
    for image in engine().images.list(name=NAME):
        engine().images.remove(image.id, force=True)
    engine().images.prune(filters={"label": LABEL, "dangling": True})


def test_a_proxy_is_passed_by_name(company: Company, tmp_path: Path) -> None:
    """Its password is in no command line; one of this machine is left out, and not in silence."""
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho "$@" >>"$0.log"\n[ "$1" != build ]\n', "utf-8")
    docker.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"

    result = company.build(PATH=path, https_proxy="localhost:3128")

    command = (tmp_path / "docker.log").read_text("utf-8")
    assert {"--build-arg=http_proxy", "--build-arg=HTTP_PROXY"} < set(command.split())
    assert "https_proxy" not in command.lower()
    assert WORD not in command
    assert "HTTPS_PROXY is not passed on: it names this machine" in result.stdout


@pytest.fixture(scope="module")
def log(company: Company) -> str:
    """Return what a build has said to which the authority was lent."""
    result = company.build("--ca", str(company.proxy.authority.path))
    assert result.returncode == 0, result.stdout
    return result.stdout


def test_a_build_without_the_authority_fails(company: Company) -> None:
    """Nothing is fetched that the proxy could have changed."""
    result = company.build()

    assert result.returncode == 1
    assert re.search("certificate verif", result.stdout, re.IGNORECASE), result.stdout
    assert company.proxy.trusted == set()


@pytest.mark.usefixtures("log")
def test_each_tool_of_a_build_trusts_it(company: Company) -> None:
    """pip, uv, git and apt: all that they have fetched has passed the proxy."""
    command = ["docker", "run", "--rm", f"{NAME}:base", "grep", "-rhoE", "https://[^/ ]+"]
    found = subprocess.run([*command, "/etc/apt"], stdout=subprocess.PIPE, text=True).stdout
    mirrors = {address.removeprefix("https://") for address in found.split()}

    assert mirrors
    assert company.proxy.trusted > {INDEX, GIT, *mirrors}


def test_the_image_is_that_of_a_build_without(company: Company, log: str, tmp_path: Path) -> None:
    """No layer, history or log has the authority or the proxy, and the next build needs neither."""
    before = engine().images.get(NAME).id
    line = company.proxy.authority.path.read_text("utf-8").splitlines()[2]
    assert find_in_image(NAME, line, tmp_path) == set()
    assert find_in_image(NAME, WORD, tmp_path) == set()
    assert WORD not in log

    result = company.build(HTTPS_PROXY="", http_proxy="")

    assert result.returncode == 0, result.stdout
    assert engine().images.get(NAME).id == before


@pytest.mark.usefixtures("log")
def test_a_container_reaches_its_store(company: Company) -> None:
    """`--docker` passes on the proxy, and mounts what SSL_CERT_FILE names."""
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host_address()}:{company.proxy.hosts[STORE]}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="bought/data.csv", Body=b"a,b\n1,2\n")
    result = company.run(
        *("train", "--docker", "-e", "INPUT_CHANNEL_BOUGHT", "s3://bucket/bought"),
        SSL_CERT_FILE=str(company.proxy.authority.path),
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION="us-east-1",
    )

    assert result.returncode == 0, result.stdout
    fetched = company.project.path / ".mldock" / "input" / "data" / "bought" / "data.csv"
    assert fetched.read_bytes() == b"a,b\n1,2\n"
    assert WORD not in result.stdout
