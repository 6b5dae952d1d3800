"""A git server that demands a key, in a container."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docker.models.containers import Container

from tests.engine import engine
from tests.secrets.conftest import LABEL, build

IMAGE = f"mldock-test-ssh-{LABEL[-8:]}"

# The key of the client is made there, so that this machine needs no ssh.
DOCKERFILE = """
FROM python:3.13-slim-trixie
RUN apt-get update && apt-get install --yes --no-install-recommends openssh-server git
RUN ssh-keygen -q -t ed25519 -N '' -f /key && \\
    useradd --create-home --shell /usr/bin/git-shell git && passwd -d git && \\
    mkdir -p /run/sshd /home/git/.ssh && cp /key.pub /home/git/.ssh/authorized_keys
COPY . /srv
RUN chown -R git /srv /home/git
"""


@dataclass
class SSHServer:
    """A running server.

    Attributes:
        host: Its address.
        key: The file of the key that it demands.
        known_hosts: The file by which a client knows the server.

    """

    host: str
    key: Path
    known_hosts: Path


@contextmanager
def serving_ssh(repositories: Path) -> Iterator[SSHServer]:
    """Serve the bare repositories of a folder at `/srv`."""
    (repositories / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    build(IMAGE, repositories)
    labels = dict([LABEL.split("=")])
    command = ["/usr/sbin/sshd", "-D", "-e"]
    container = engine().containers.run(IMAGE, command, labels=labels, detach=True)
    try:
        wait_for(container, b"Server listening")
        host = container.attrs["NetworkSettings"]["IPAddress"]
        key = repositories / "key"
        key.write_bytes(read(container, "/key"))
        key.chmod(0o600)
        known_hosts = repositories / "known_hosts"
        name, value, *_ = read(container, "/etc/ssh/ssh_host_ed25519_key.pub").decode().split()
        known_hosts.write_text(f"{host} {name} {value}\n", "utf-8")
        yield SSHServer(host, key, known_hosts)
    finally:
        container.remove(force=True)


def read(container: Container, path: str) -> bytes:
    """Return the content of a file of a container."""
    command = ["docker", "exec", container.id, "cat", path]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def wait_for(container: Container, text: bytes) -> None:
    """Wait until a container has said something."""
    deadline = time.monotonic() + 300
    while text not in container.logs():
        assert time.monotonic() < deadline, container.logs()
        time.sleep(0.1)
    container.reload()
