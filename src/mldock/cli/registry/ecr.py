"""Amazon ECR: signing in with AWS credentials, and creating a repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from mldock import ContainerError
from mldock.project import Project

HOST = re.compile(r"\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


def sign_in(host: str, folder: Path) -> dict[str, str]:
    """Return variables that sign the docker command in to ECR; none for other registries.

    The token is in a configuration in a temporary folder, since `docker login` would keep it.
    """
    ecr = client(host)
    if ecr is None:
        return {}
    try:
        token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    except (BotoCoreError, ClientError) as error:
        print(f"AWS gives no sign-in to {host}, Docker's own is used: {error}", flush=True)
        return {}
    configuration = {"auths": {host: {"auth": token}}}
    (folder / "config.json").write_text(json.dumps(configuration), encoding="utf-8")
    # The user's contexts are not there; the Docker SDK does not use them either.
    return {"DOCKER_CONFIG": str(folder), "DOCKER_CONTEXT": "default"}


def create(repository: str, project: Project) -> None:
    """Create a repository; one that exists stays as it is."""
    host, _, name = repository.partition("/")
    ecr = client(host)
    if ecr is None:
        raise ContainerError(f"--create is for Amazon ECR: make {repository} at its registry.")
    tags = [project.tag, *(stage.tag or key for key, stage in project.stages.items()), "latest"]
    filters = [{"filterType": "WILDCARD", "filter": tag} for tag in dict.fromkeys(tags) if tag]
    try:
        ecr.create_repository(
            registryId=host.partition(".")[0],
            repositoryName=name,
            imageScanningConfiguration={"scanOnPush": True},
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            # ECR takes at most five.
            imageTagMutabilityExclusionFilters=filters[:5],
        )
    except ecr.exceptions.RepositoryAlreadyExistsException:
        print(f"{repository} exists already and stays as it is.", flush=True)
    except (BotoCoreError, ClientError) as error:
        raise ContainerError(f"AWS does not create {repository}: {error}") from error
    else:
        print(f"Created {repository}; only the tags of stages can move in it.", flush=True)


def client(host: str) -> Any:
    """Return a client of ECR in the region of a registry; None if the registry is not ECR."""
    region = HOST.fullmatch(host)
    try:
        return boto3.client("ecr", region_name=region[1]) if region else None
    except BotoCoreError as error:
        # A profile that does not exist, for example.
        raise ContainerError(f"AWS gives no sign-in to {host}: {error}") from error
