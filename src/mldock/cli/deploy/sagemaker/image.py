"""The image as SageMaker takes it: out of ECR, and known by its digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from botocore.exceptions import ClientError
from mldock import ContainerError
from mldock.cli.deploy.sagemaker.target import Target
from mldock.cli.registry.names import remote_image

ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<repository>[^:]+):(?P<tag>.+)"
)


@dataclass(frozen=True)
class Image:
    """An image in ECR.

    Attributes:
        name: Its name with its tag.
        tag: The tag.
        digest: What the tag stands for, if ECR says so.
        tags: The tags of what is made of it.

    """

    name: str
    tag: str
    digest: str | None
    tags: dict[str, str]


def pushed_image(target: Target, tag: str | None) -> Image:
    """Return the image that `nox -s push` has sent.

    Raises:
        ContainerError: It is not in ECR, or in another region.

    """
    name = remote_image(target.project, tag)
    parts = ECR.fullmatch(name)
    if parts is None:
        raise ContainerError(
            f"SageMaker takes images from Amazon ECR only, not {name}. Set in mldock.json: "
            f'"registry": "ACCOUNT.dkr.ecr.{target.account.region}.amazonaws.com".'
        )
    if parts["region"] != target.account.region:
        raise ContainerError(
            f"{name} lies in {parts['region']}, but SageMaker is asked in "
            f"{target.account.region}. Both must be one region: correct registry, or "
            "sagemaker.region, in mldock.json."
        )
    found = find_digest(target, parts)
    return Image(name, parts["tag"], found, target.tags(parts["tag"], chosen=bool(tag)))


def find_digest(target: Target, parts: re.Match[str]) -> str | None:
    """Return the digest of an image in ECR; None if the person may not look."""
    try:
        answer = target.account.client("ecr").describe_images(
            registryId=parts["account"],
            repositoryName=parts["repository"],
            imageIds=[{"imageTag": parts["tag"]}],
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"ImageNotFoundException", "RepositoryNotFoundException"}:
            stage = f" -- --stage {target.stage}" if target.stage else ""
            raise ContainerError(
                f"{parts[0]} is not in its registry. Build and push it: nox -s build{stage}; "
                f"nox -s push{stage}"
            ) from error
        if code == "AccessDeniedException":
            return None
        raise
    digest: str = answer["imageDetails"][0]["imageDigest"]
    return digest
