"""Channels on Amazon S3 and the stores that speak its protocol (`AWS_ENDPOINT_URL_S3`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from container.lifecycle.environment import Environment
from container.lifecycle.errors import ContainerError
from container.lifecycle.objects import download_objects, files_to_upload, split_uri


class AWSEnvironment(Environment):
    """Moves `s3://bucket/prefix`; credentials come from the AWS SDK's own chain."""

    schemes: ClassVar[tuple[str, ...]] = ("s3",)

    def download(self, uri: str, directory: Path) -> None:
        """Fetch the objects under the prefix, or the one object, that `uri` names."""
        client, (bucket, prefix) = s3_client(), split_uri(uri)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = (item["Key"] for page in pages for item in page.get("Contents", ()))
        download_objects(
            uri, keys, directory, lambda key, path: client.download_file(bucket, key, str(path))
        )

    def upload(self, directory: Path, uri: str) -> None:
        """Store every file below `directory` under the prefix."""
        client, (bucket, _) = s3_client(), split_uri(uri)
        for path, key in files_to_upload(directory, uri):
            client.upload_file(str(path), bucket, key)


def s3_client() -> Any:
    """Return a boto3 client, or name the requirement that is missing."""
    try:
        import boto3
    except ImportError as error:
        raise ContainerError("s3:// needs boto3: add it to src/requirements.txt.") from error
    return boto3.client("s3")
