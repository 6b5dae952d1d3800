"""Amazon ECR: signing in with AWS credentials, and making a repository."""

from __future__ import annotations

import base64
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from mldock import ContainerError
from mldock.cli.registry.hosts import sign_in
from mldock.project import Project

# ECR takes no more of them.
MOST_FILTERS = 5


def client(region: str) -> Any:
    """Return a client of ECR."""
    import boto3

    return boto3.client("ecr", region_name=region)


def credentials(host: str, region: str) -> dict[str, str]:
    """Return a name and a password for the engine, which ECR gives for 12 hours."""
    try:
        answer = client(region).get_authorization_token()
    except (BotoCoreError, ClientError) as error:
        raise ContainerError(f"AWS gives no sign-in to {host}: {error}. {sign_in(host)}") from error
    token = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode()
    name, _, password = token.partition(":")
    return {"username": name, "password": password}


def create(host: str, region: str, repository: str, movable: list[str]) -> bool:
    """Make a repository that scans what arrives and keeps its tags, but for the movable ones.

    Returns:
        Whether it was made; one that is there stays as it is.

    """
    filters = [{"filterType": "WILDCARD", "filter": tag} for tag in movable[:MOST_FILTERS]]
    engine = client(region)
    try:
        engine.create_repository(
            registryId=host.partition(".")[0],
            repositoryName=repository.removeprefix(f"{host}/"),
            imageScanningConfiguration={"scanOnPush": True},
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=filters,
        )
    except engine.exceptions.RepositoryAlreadyExistsException:
        return False
    except (BotoCoreError, ClientError) as error:
        raise ContainerError(f"AWS does not create {repository}: {error}.") from error
    return True


def movable_tags(project: Project) -> list[str]:
    """Return the tags of the stages, which follow the newest image; the chosen stage's first."""
    others = [stage.tag or name for name, stage in project.stages.items()]
    return list(dict.fromkeys([project.tag or "latest", *others, "latest"]))
