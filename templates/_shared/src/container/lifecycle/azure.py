"""Channels on Azure Blob Storage."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from container.lifecycle.environment import Environment
from container.lifecycle.errors import ContainerError
from container.lifecycle.objects import download_objects, files_to_upload, split_uri

# It writes twenty lines a request at the level INFO.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)


class AzureEnvironment(Environment):
    """Moves `az://container/prefix`.

    The account comes from `AZURE_STORAGE_CONNECTION_STRING`, or from `AZURE_STORAGE_ACCOUNT_URL`
    with the credentials that the machine or the person is signed in with.
    """

    schemes: ClassVar[tuple[str, ...]] = ("az",)

    def download(self, uri: str, directory: Path) -> None:
        """Fetch the blobs under the prefix, or the one blob, that `uri` names."""
        name, prefix = split_uri(uri)
        container = blob_service(self.variables).get_container_client(name)

        def fetch(key: str, path: Path) -> None:
            with path.open("wb") as file:
                container.download_blob(key).readinto(file)

        blobs = container.list_blobs(name_starts_with=prefix, include=["metadata"])
        # With a hierarchical namespace directories are listed too, as empty blobs with this mark.
        keys = (blob.name for blob in blobs if "hdi_isfolder" not in (blob.metadata or {}))
        download_objects(uri, keys, directory, fetch)

    def upload(self, directory: Path, uri: str) -> None:
        """Store every file below `directory` under the prefix."""
        container = blob_service(self.variables).get_container_client(split_uri(uri)[0])
        for path, key in files_to_upload(directory, uri):
            with path.open("rb") as file:
                container.upload_blob(key, file, overwrite=True)


def blob_service(variables: Mapping[str, str]) -> Any:
    """Return a Blob Storage client, or name the requirement or the variable that is missing."""
    try:
        from azure.identity import DefaultAzureCredential
        from azure.storage.blob import BlobServiceClient
    except ImportError as error:
        raise ContainerError(
            "az:// needs azure-storage-blob and azure-identity: add them to src/requirements.txt."
        ) from error
    if connection := variables.get("AZURE_STORAGE_CONNECTION_STRING"):
        return BlobServiceClient.from_connection_string(connection)
    if account := variables.get("AZURE_STORAGE_ACCOUNT_URL"):
        return BlobServiceClient(account, credential=DefaultAzureCredential())
    raise ContainerError(
        "az:// needs an account: set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_URL."
    )
