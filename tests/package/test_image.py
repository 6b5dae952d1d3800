"""Images by plain `docker build`, without nox: for each kind of source, and without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import engine, host_address
from tests.generate.repository import Repository
from tests.package.conftest import copy, line, wheels
from tests.package.server import HTTPSServer, serving_https
from tests.project import Project
from tests.secrets.conftest import LABEL, build
from tests.secrets.search import find_in_image
from tests.secrets.ssh import SSHServer, serving_ssh

pytestmark = pytest.mark.docker

BASE = f"mldock-test-base-{LABEL[-8:]}"
# What a company adds to its image of Python: what the build would fetch, and its own certificate.
BASE_DOCKERFILE = """
FROM python:3.13-slim-trixie
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light tini
RUN pip install --quiet --root-user-action=ignore uv==0.13.8
COPY certificate.pem /usr/local/share/ca-certificates/test.crt
RUN update-ca-certificates
"""


@pytest.fixture(scope="module")
def https(
    committed: Repository, word: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HTTPSServer]:
    """Serve the templates over HTTPS, and make a base image that trusts the server."""
    root = tmp_path_factory.mktemp("https")
    (root / "git").mkdir()
    committed.git("clone", "--quiet", "--bare", ".", str(root / "git/templates.git"))
    with serving_https(root, word, host_address()) as server:
        context = tmp_path_factory.mktemp("base")
        (context / "Dockerfile").write_text(BASE_DOCKERFILE, "utf-8")
        shutil.copy(server.certificate, context)
        build(BASE, context)
        yield server


@pytest.fixture(scope="module")
def ssh(committed: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHServer]:
    """Serve the templates over SSH."""
    root = tmp_path_factory.mktemp("ssh")
    committed.git("clone", "--quiet", "--bare", ".", str(root / "templates.git"))
    with serving_ssh(root) as server:
        yield server


def docker_build(project: Project, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the line that the Dockerfile begins with, on a base image that has what it fetches."""
    command = ["docker", "build", "--file", "src/container/Dockerfile", "--tag", name(project)]
    command += ["--label", LABEL, "--progress", "plain", "--build-arg", f"BASE_IMAGE={BASE}"]
    return subprocess.run(
        [*command, *options, "."],
        cwd=project.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


def name(project: Project) -> str:
    """Return the name of the image of a project."""
    return f"mldock-test-{project.path.name}-{LABEL[-8:]}"


def runs(project: Project) -> bool:
    """Return whether the image of a project has the package and serves by it."""
    code = "import mldock, mldock.serving, mldock.training"
    engine().containers.run(
        name(project),
        ["-c", code],
        entrypoint="python",
        labels=dict([LABEL.split("=")]),
        network_mode="none",
    )
    return True


def test_https(https: HTTPSServer, word: str, tmp_path: Path) -> None:
    """Git in the builder fetches the line, with a password that no layer keeps."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(https.netrc, home / ".netrc")
    variables = {"HOME": str(home), "GIT_SSL_CAINFO": str(https.certificate)}
    url = f"https://{https.authority}/git/templates.git"
    project, _ = copy(url, tmp_path / "https", **variables)
    assert line(project).startswith(f"mldock-runtime @ git+{url}@")

    without = docker_build(project)
    result = docker_build(project, "--secret", f"id=netrc,src={https.netrc}")

    assert without.returncode != 0
    assert "could not read Username" in without.stdout
    assert result.returncode == 0, result.stdout
    assert runs(project)
    assert find_in_image(name(project), word, tmp_path) == set()


def test_ssh(https: HTTPSServer, ssh: SSHServer, tmp_path: Path) -> None:
    """Git in the builder fetches the line, with a key that no layer keeps; so does the laptop."""
    del https
    options = f"-i {ssh.key} -o UserKnownHostsFile={ssh.known_hosts}"
    variables = {"GIT_SSH_COMMAND": f"ssh {options}"}
    project, _ = copy(f"git@{ssh.host}:/srv/templates.git", tmp_path / "ssh", **variables)
    assert line(project).startswith(f"mldock-runtime @ git+ssh://git@{ssh.host}/srv/templates.git@")

    secrets = ["--secret", f"id=known_hosts,src={ssh.known_hosts}", "--ssh", f"default={ssh.key}"]
    result = docker_build(project, *secrets)

    assert result.returncode == 0, result.stdout
    assert runs(project)
    assert wheels(project, **variables).returncode == 0


def test_folder(https: HTTPSServer, templates: Repository, tmp_path: Path) -> None:
    """A builder does not have it: without its wheel it says so, with it it needs neither."""
    del https
    project, _ = copy(str(templates.path), tmp_path / "folder")
    stale = project.path / "wheels/local/mldock_runtime-0.0.1-py3-none-any.whl"
    stale.parent.mkdir()
    stale.touch()

    without = docker_build(project)
    assert wheels(project).returncode == 0
    shutil.rmtree(templates.path)
    result = docker_build(project)

    assert without.returncode != 0
    remedy = "The runtime comes from a folder that the builder does not have. Run: nox -s wheels"
    # As a line of its own, since the step is printed too.
    assert re.search(rf"(?m)^#\d+ [\d.]+ {remedy}$", without.stdout), without.stdout
    assert result.returncode == 0, result.stdout
    assert runs(project)


def test_without_a_network(https: HTTPSServer, templates: Repository, tmp_path: Path) -> None:
    """With all wheels neither an index nor git is asked, here and in the builder."""
    del https
    shutil.rmtree(templates.path / ".git")
    project, _ = copy(str(templates.path), tmp_path / "offline")
    assert project.nox("wheels", "--all").returncode == 0
    shutil.rmtree(project.path / ".venv")
    shutil.rmtree(templates.path)
    cache = tmp_path / "empty cache"
    (tmp_path / "uv.toml").write_text("no-index = true\n", "utf-8")

    here = subprocess.run(
        project.command("train"),
        cwd=project.path,
        env={**os.environ, "UV_CACHE_DIR": str(cache), "UV_NO_INDEX": "1", "UV_OFFLINE": "1"},
    )
    secret = f"id=uv_config,src={tmp_path / 'uv.toml'}"
    result = docker_build(project, "--network", "none", "--no-cache", "--secret", secret)

    assert here.returncode == 0
    assert result.returncode == 0, result.stdout
    assert runs(project)
