"""Channels on Google Cloud Storage."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from container.lifecycle.environment import Environment
from container.lifecycle.errors import ContainerError
from container.lifecycle.objects import download_objects, files_to_upload, split_uri


class GCPEnvironment(Environment):
    """Moves `gs://bucket/prefix`; credentials are Google's application default credentials."""

    schemes: ClassVar[tuple[str, ...]] = ("gs",)

    def download(self, uri: str, directory: Path) -> None:
        """Fetch the objects under the prefix, or the one object, that `uri` names."""
        name, prefix = split_uri(uri)
        bucket = storage_client().bucket(name)
        keys = (blob.name for blob in bucket.list_blobs(prefix=prefix))
        download_objects(
            uri,
            keys,
            directory,
            lambda key, path: bucket.blob(key).download_to_filename(str(path)),
        )

    def upload(self, directory: Path, uri: str) -> None:
        """Store every file below `directory` under the prefix."""
        bucket = storage_client().bucket(split_uri(uri)[0])
        for path, key in files_to_upload(directory, uri):
            bucket.blob(key).upload_from_filename(str(path))


def storage_client() -> Any:
    """Return a Google Cloud Storage client, or name the requirement that is missing."""
    try:
        from google.cloud import storage
    except ImportError as error:
        raise ContainerError(
            "gs:// needs google-cloud-storage: add it to src/requirements.txt."
        ) from error
    # Objects need no project, and a person's own credentials name none.
    return storage.Client(project=None)
