"""Requirements from servers that demand a password or a key: none of it is in the image."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine import engine
from tests.project import Project, generate
from tests.secrets.conftest import LABEL
from tests.secrets.search import find_in_image
from tests.secrets.server import USER, make_repository, make_wheel, serving
from tests.secrets.ssh import SSHServer, serving_ssh

pytestmark = pytest.mark.docker

PACKAGES = ["mldock_indexed", "mldock_cloned", "mldock_keyed"]


@dataclass
class Private:
    """A project with a requirement of each server, and what opens them."""

    project: Project
    home: Path
    ssh: SSHServer

    @property
    def image(self) -> str:
        """Return the name of its image."""
        return f"{self.project.path.name}:latest"

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Build as an owner does whose home has what opens the servers, for `.venv/` too."""
        return self.project.nox(
            *("build", "--no-lock", "--label", LABEL, "--progress", "plain", *options),
            HOME=str(self.home),
            DOCKER_CONFIG=os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker")),
            UV_CACHE_DIR=os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
            # ssh looks for these in the home that the system has for the user.
            GIT_SSH_COMMAND=f"ssh -i {self.ssh.key} -o UserKnownHostsFile={self.ssh.known_hosts}",
        )

    def secrets(self) -> list[str]:
        """Return the options that lend them to the builder."""
        return [
            f"--secret=id=uv_config,src={self.home / '.config' / 'uv' / 'uv.toml'}",
            f"--secret=id=netrc,src={self.home / '.netrc'}",
            f"--secret=id=known_hosts,src={self.ssh.known_hosts}",
            f"--ssh=default={self.ssh.key}",
        ]


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory, word: str) -> Iterator[Private]:
    """Return the project; its servers run."""
    root = tmp_path_factory.mktemp("private")
    make_wheel(root / "simple" / "mldock-indexed", "mldock_indexed")
    make_repository(root / "git" / "mldock_cloned", "mldock_cloned")
    make_repository(root / "ssh" / "mldock_keyed", "mldock_keyed")
    project = generate(root / f"mldock-test-private-{LABEL[-8:]}", template="generic")
    with serving(root, word) as server, serving_ssh(root / "ssh") as ssh:
        with (project.path / "src" / "requirements.txt").open("a", encoding="utf-8") as file:
            file.write(
                "mldock-indexed==1.0\n"
                f"mldock-cloned @ git+{server.url}/git/mldock_cloned.git\n"
                f"mldock-keyed @ git+ssh://git@{ssh.host}/srv/mldock_keyed.git\n"
            )
        home = root / "home"
        (home / ".config" / "uv").mkdir(parents=True)
        index = f'[[index]]\nurl = "{server.url}/simple"\n'
        (home / ".config" / "uv" / "uv.toml").write_text(index, "utf-8")
        netrc = f"machine {server.host} login {USER} password {server.password}\n"
        (home / ".netrc").write_text(netrc, "utf-8")
        yield Private(project, home, ssh)


def test_a_build_without_the_secrets_fails(private: Private) -> None:
    """A step of the builder knows nothing of what this machine has."""
    result = private.build()

    assert result.returncode == 1
    # They are asked at the same time.
    refusals = "could not read Username|Host key verification failed|mldock-indexed was not found"
    assert re.search(refusals, result.stdout), result.stdout


def test_builds_and_keeps_no_secret(private: Private, word: str, tmp_path: Path) -> None:
    """All three are installed; no layer, no history, no config and no log has what opened them."""
    result = private.build(*private.secrets())
    assert result.returncode == 0, result.stdout

    client = engine()
    code = f"import {', '.join(PACKAGES)}"
    labels = dict([LABEL.split("=")])
    client.containers.run(private.image, ["-c", code], entrypoint="python", labels=labels)
    key = private.ssh.key.read_text("utf-8").splitlines()[2]
    assert word not in result.stdout
    assert find_in_image(private.image, word, tmp_path) == set()
    assert find_in_image(private.image, key, tmp_path) == set()


def test_git_is_installed_only_where_it_is_needed(private: Private) -> None:
    """The stage that installs has git for requirements of git, and is else as it was."""
    plain = generate(private.home / f"mldock-test-plain-{LABEL[-8:]}", template="generic")
    options = ["--target", "requirements", "--tag", "stage"]
    assert private.build(*options, *private.secrets()).returncode == 0
    assert plain.nox("build", "--label", LABEL, *options).returncode == 0

    assert has_git(f"{private.project.path.name}:stage")
    assert not has_git(f"{plain.path.name}:stage")


def has_git(image: str) -> bool:
    """Say whether an image has the command."""
    labels = dict([LABEL.split("=")])
    container = engine().containers.run(
        image, ["-c", "command -v git"], entrypoint="sh", labels=labels, detach=True
    )
    return bool(container.wait()["StatusCode"] == 0)
