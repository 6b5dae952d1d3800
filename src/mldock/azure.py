"""Channels on Azure Blob Storage."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.storage.objects import ObjectStore
from mldock.storage.stores import Advance, RemoteFile, Store, Write, copy

# It writes twenty lines a request at the level INFO.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)
# It tells of each kind of credentials that there are none; the error says it too.
logging.getLogger("azure.identity").setLevel(logging.ERROR)

CREDENTIALS = (
    "Sign in with az login, or set AZURE_STORAGE_CONNECTION_STRING, or AZURE_TENANT_ID, "
    "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give the machine an identity."
)
CODES = {
    "AuthenticationFailed": "Check the key of the account, and the clock of this machine.",
    "AuthorizationPermissionMismatch": "Have the role Storage Blob Data Contributor granted.",
    "BlobArchived": "Move the blob to an online tier.",
    "ContainerNotFound": "Correct the URI, or create the container.",
}
ACCOUNT = "set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_URL."

# What is in memory of each file, and what larger uploads are sent in.
BLOCK = 4 * 2**20

# One try each, since the transfer tries again itself; but the blocks of a large upload are better
# tried again one by one.
OPTIONS = {
    "retry_total": 0,
    "initial_backoff": 1,
    "connection_timeout": 10,
    "read_timeout": 60,
    "max_single_get_size": BLOCK,
    "max_chunk_get_size": BLOCK,
    "max_single_put_size": BLOCK,
    "max_block_size": BLOCK,
}
BLOCK_RETRIES = 3


class AzureEnvironment(Environment):
    """Moves `az://container/prefix`.

    The account comes from `AZURE_STORAGE_CONNECTION_STRING`, or from `AZURE_STORAGE_ACCOUNT_URL`
    with the credentials that the machine or the person is signed in with.
    """

    schemes: ClassVar[tuple[str, ...]] = ("az",)

    def store(self, uri: str) -> Store:
        """Return the blobs under the prefix, or the one blob, that `uri` names."""
        return BlobStore(uri, self.variables)


class BlobStore(ObjectStore):
    """Blobs on Azure."""

    def __init__(self, uri: str, variables: Mapping[str, str]) -> None:
        super().__init__(uri)
        self.container = blob_service(variables).get_container_client(self.bucket)
        self.etags: dict[str, str] = {}

    def files(self) -> Iterator[RemoteFile]:
        """Yield the blobs, five thousand with each answer."""
        for blob in self.container.list_blobs(name_starts_with=self.prefix, include=["metadata"]):
            md5 = bytes(blob.content_settings.content_md5 or b"").hex()
            file = self.file(blob.name, blob.size, blob.last_modified.timestamp(), md5)
            # With a hierarchical namespace directories are listed too, as empty blobs.
            if file and "hdi_isfolder" not in (blob.metadata or {}):
                self.etags[blob.name] = blob.etag
                yield file

    def read(self, file: RemoteFile, start: int, stop: int, write: Write) -> None:
        """Get a range of the blob, of the very content that was listed."""
        from azure.core import MatchConditions

        if start == stop:
            return
        stream = self.container.download_blob(
            file.key,
            offset=start,
            length=stop - start,
            etag=self.etags[file.key],
            match_condition=MatchConditions.IfNotModified,
            # As it is stored, were it compressed: its size and its checksum are of that.
            decompress=False,
        )
        for chunk in stream.chunks():
            write(chunk)

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Put a blob, a large one in blocks; with the MD5 that each download is compared with."""
        from azure.storage.blob import ContentSettings

        size, md5, sent = source.stat().st_size, hashlib.md5(usedforsecurity=False), 0
        copy(source, md5.update)

        def tell(current: int, _: object) -> None:
            nonlocal sent
            advance(current - sent)
            sent = current

        with source.open("rb") as file:
            self.container.upload_blob(
                self.key_of(path),
                file,
                length=size,
                overwrite=True,
                validate_content=True,
                content_settings=ContentSettings(content_md5=bytearray(md5.digest())),
                progress_hook=tell,
                retry_total=BLOCK_RETRIES if size > BLOCK else 0,
            )

    def delete(self, path: str) -> None:
        """Delete a blob."""
        from azure.core.exceptions import ResourceNotFoundError

        with suppress(ResourceNotFoundError):
            self.container.delete_blob(self.key_of(path))

    def remedy(self, error: Exception) -> str | None:
        """Say what a person can do about an error of the Azure SDK."""
        from azure.core import exceptions as faults

        if told := CODES.get(code_of(error)):
            return told
        if isinstance(error, faults.AzureError) and self.status(error) is None:
            signing = isinstance(error, faults.ClientAuthenticationError)
            return CREDENTIALS if signing else None
        return super().remedy(error)

    def reason(self, error: Exception) -> str:
        """Say what the service answered, or what the Azure SDK met."""
        lines = str(error).split("\n")
        # The first line, but of a sign-in that was refused the one that says why.
        first = next((line for line in lines if "AADSTS" in line), lines[0])
        told = f"{code_of(error) or type(error).__name__}: {first.strip()}"
        return re.sub(r"\bsig=[^&\s]+", "sig=...", told)

    def status(self, error: Exception) -> int | None:
        """Return the status of the service's answer."""
        status: int | None = getattr(error, "status_code", None)
        return status


def code_of(error: Exception) -> str:
    """Return what the service says in a word; empty where it says nothing."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))


def blob_service(variables: Mapping[str, str]) -> Any:
    """Return a Blob Storage client, or name the requirement or the variable that is missing."""
    try:
        from azure.core.pipeline.transport import RequestsTransport
        from azure.identity import DefaultAzureCredential
        from azure.storage.blob import BlobServiceClient
        from requests import Session
        from requests.adapters import HTTPAdapter
    except ImportError as error:
        raise ContainerError(
            "az:// needs azure-storage-blob and azure-identity: add them to src/requirements.txt."
        ) from error
    from mldock.storage.transfers import WORKERS

    session = Session()
    # A connection for each worker, kept.
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=WORKERS))
    options = {**OPTIONS, "transport": RequestsTransport(session=session, **OPTIONS)}
    try:
        if connection := variables.get("AZURE_STORAGE_CONNECTION_STRING"):
            return BlobServiceClient.from_connection_string(connection, **options)
        if account := variables.get("AZURE_STORAGE_ACCOUNT_URL"):
            # Where the machine has no identity, the attempts to get one take minutes.
            credential = DefaultAzureCredential(retry_total=2)
            return BlobServiceClient(account, credential=credential, **options)
    # Its text may be that of the variable, with a key.
    except ValueError:
        raise ContainerError(f"az:// cannot read its account: correct, or {ACCOUNT}") from None
    raise ContainerError(f"az:// needs an account: {ACCOUNT}")
