"""`docker push` and `docker pull`: progress and errors are Docker's own, with a remedy added."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from mldock import ContainerError
from mldock.cli.registry.ecr import sign_in
from mldock.cli.registry.names import host_of

# For errors of the engine and of registries, in lower case; the first that matches decides.
REMEDIES = {
    "x509": "Copy its authority's certificate to /etc/docker/certs.d/{host}/ca.crt.",
    "response to https": 'List it as one of "insecure-registries" in /etc/docker/daemon.json.',
    "immutab": "Commit, raise the version in mldock.json, or choose another name: --tag TAG.",
    "manifest (for|unknown)|resolve.*not found": "Push it first: nox -s push. Or choose a --tag.",
    "name unknown|project .*not found": "Create the repository (Amazon ECR: push -- --create).",
    # The engine ends with http where a registry is on this machine.
    "denied|forbidden|auth|request to an https": "Sign in as a user who may use it: {login}",
    "": "Try again: no layer is sent twice. Check `registry` in mldock.json and the network.",
}
LOGINS = {
    ".amazonaws.com": "aws sso login, or AWS_PROFILE",
    ".pkg.dev": "gcloud auth configure-docker {host}",
    ".azurecr.io": "az acr login --name {host}",
    "": "docker login {host}",
}


class TransferError(ContainerError):
    """A failed push or pull.

    Attributes:
        reason: Docker's message without the name, since a project may be called `authors`.

    """

    def __init__(self, image: str, message: str) -> None:
        host, name = host_of(image), image.rpartition(":")[0]
        self.reason = message.lower().replace(name.removeprefix(f"{host}/"), "").replace(host, "")
        remedy = next(REMEDIES[sign] for sign in REMEDIES if re.search(sign, self.reason))
        login = next(LOGINS[suffix] for suffix in LOGINS if host.endswith(suffix))
        remedy = remedy.replace("{login}", login).format(host=host)
        message = " ".join(message.removeprefix("Error response from daemon: ").split())
        super().__init__(f"{image}: {message.rstrip('.')}. {remedy}")


def transfer(command: str, image: str) -> None:
    """Run `docker push` or `docker pull`."""
    docker = ["docker", command, image]
    with TemporaryDirectory() as folder:
        variables = {**os.environ, **sign_in(host_of(image), Path(folder))}
        try:
            result = subprocess.run(docker, env=variables, stderr=subprocess.PIPE, text=True)
        except FileNotFoundError as error:
            raise ContainerError("There is no docker command. Install Docker Engine.") from error
    if result.returncode:
        raise TransferError(image, result.stderr)
    # Warnings.
    print(result.stderr, end="", file=sys.stderr)
