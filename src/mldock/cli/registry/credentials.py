"""Who signs in to a registry: first what Docker's own configuration says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from docker.auth import load_config
from docker.errors import DockerException
from mldock import ContainerError
from mldock.cli.registry import ecr
from mldock.cli.registry.hosts import region_of

# As the engine takes it: a name with a password, or a token.
Credentials = Mapping[str, str]


@dataclass
class SignIn:
    """The credentials for one registry."""

    host: str
    credentials: Credentials
    from_docker: bool

    @classmethod
    def to(cls, host: str) -> SignIn:
        """Return what Docker has for the host; for ECR otherwise what AWS gives."""
        if found := docker_credentials(host):
            return cls(host, found, from_docker=True)
        if region := region_of(host):
            return cls(host, ecr.credentials(host, region), from_docker=False)
        return cls(host, {}, from_docker=False)

    def renew(self) -> bool:
        """Say whether there are others: a sign-in to ECR that Docker keeps lasts 12 hours."""
        region = region_of(self.host)
        if not (self.from_docker and region):
            return False
        self.credentials, self.from_docker = ecr.credentials(self.host, region), False
        return True


def docker_credentials(host: str) -> Credentials | None:
    """Return what `docker login` or a credential helper has for the host.

    Raises:
        ContainerError: A helper fails, or Docker's configuration cannot be read.

    """
    try:
        with warnings.catch_warnings():
            # A helper that is missing is told below.
            warnings.simplefilter("ignore")
            found: Credentials | None = load_config().resolve_authconfig(host)
    except DockerException as error:
        raise ContainerError(
            f"Docker's configuration gives no credentials for {host}: {error}. Correct "
            "credHelpers, credsStore or auths in its config.json, or install the helper."
        ) from error
    return found
