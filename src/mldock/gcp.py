"""Channels on Google Cloud Storage."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from mldock.environment import Environment
from mldock.errors import ContainerError, describe
from mldock.storage.objects import ObjectStore
from mldock.storage.stores import CHUNK, Advance, RemoteFile, Store, Write

CREDENTIALS = (
    "Sign in with gcloud auth application-default login, or name a key file in "
    "GOOGLE_APPLICATION_CREDENTIALS, or give the machine a service account."
)

# What the transfer needs to know of an object is a tenth of what is told unasked.
FIELDS = "items(name,size,timeCreated,md5Hash,generation),nextPageToken"

# One try each, since the transfer tries again itself; to connect, and then to hear something.
ONCE: dict[str, Any] = {"retry": None, "timeout": (10, 60)}

# How much of a large upload is kept in memory, and sent again after a fault; and for how long.
PIECE = 8 * 2**20
PIECE_RETRY = 30.0


class GCPEnvironment(Environment):
    """Moves `gs://bucket/prefix`; credentials are Google's application default credentials."""

    schemes: ClassVar[tuple[str, ...]] = ("gs",)

    def store(self, uri: str) -> Store:
        """Return the objects under the prefix, or the one object, that `uri` names."""
        return GCSStore(uri)


class GCSStore(ObjectStore):
    """Objects on Google Cloud Storage."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.client = storage_client()
        self.generations: dict[str, int] = {}

    def files(self) -> Iterator[RemoteFile]:
        """Yield the objects, a thousand with each answer."""
        for blob in self.client.list_blobs(self.bucket, prefix=self.prefix, fields=FIELDS, **ONCE):
            modified = blob.time_created.timestamp()
            # Objects that were composed of others have none.
            md5 = base64.b64decode(blob.md5_hash or "").hex()
            if file := self.file(blob.name, blob.size, modified, md5):
                self.generations[blob.name] = blob.generation
                yield file

    def read(self, file: RemoteFile, start: int, stop: int, write: Write) -> None:
        """Get a range of the object, of the very content that was listed."""
        # An empty object has no range.
        part = {} if stop - start == file.size else {"start": start, "end": stop - 1}
        with io.BufferedWriter(Passed(write), CHUNK) as stream:
            self.blob(file.key).download_to_file(
                stream,
                **part,
                # As it is stored, were it compressed: its size and its checksum are of that.
                raw_download=True,
                checksum=None,
                if_generation_match=self.generations[file.key],
                **ONCE,
            )

    def save(self, source: Path, path: str, advance: Advance) -> None:
        """Put an object, a large one piece by piece; its checksum is compared in the end."""
        from google.cloud.storage.retry import DEFAULT_RETRY

        size, once = source.stat().st_size, dict(ONCE)
        if size > PIECE:
            once["retry"] = DEFAULT_RETRY.with_timeout(PIECE_RETRY)
        blob = self.blob(self.key_of(path))
        blob.chunk_size = PIECE
        with Told(source, advance) as file:
            blob.upload_from_file(file, size=size, checksum="auto", **once)

    def delete(self, path: str) -> None:
        """Delete an object."""
        from google.api_core.exceptions import NotFound

        with suppress(NotFound):
            self.blob(self.key_of(path)).delete(**ONCE)

    def blob(self, key: str) -> Any:
        """Return the object at a key."""
        return self.client.bucket(self.bucket).blob(key)

    def remedy(self, error: Exception) -> str | None:
        """Say what a person can do about an error of Google's client."""
        from google.api_core.exceptions import RetryError
        from google.auth.exceptions import GoogleAuthError, TransportError
        from google.cloud.storage.exceptions import DataCorruption
        from requests import RequestException
        from urllib3.exceptions import HTTPError

        if isinstance(error, GoogleAuthError):
            passes = error.retryable or isinstance(error, TransportError)
            return None if passes else CREDENTIALS
        lost = (RequestException, HTTPError, RetryError, DataCorruption)
        return None if isinstance(error, lost) else super().remedy(error)

    def reason(self, error: Exception) -> str:
        """Say what the service answered, or what the client met."""
        response = getattr(error, "response", None)
        if response is None or response.ok:
            # Who knows the number of an upload can write to it.
            return re.sub(r"upload_id=[^&\s]+", "upload_id=...", super().reason(error))
        try:
            told = response.json()["error"]["message"]
        except (ValueError, KeyError, TypeError):
            told = response.text
        told = f"{response.status_code} {response.reason}: {told[:300]}"
        return " ".join(told.split()).rstrip(":")

    def status(self, error: Exception) -> int | None:
        """Return the status of the service's answer."""
        status: int | None = getattr(getattr(error, "response", None), "status_code", None)
        return status


class Passed(io.RawIOBase):
    """A stream whose content is passed on: the client writes in pieces of a few kilobytes."""

    def __init__(self, write: Write) -> None:
        self.pass_on = write

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, content: Any) -> int:
        """Pass the content on."""
        self.pass_on(bytes(content))
        return len(content)


class Told(io.FileIO):
    """A file that tells how much of it has been read."""

    def __init__(self, path: Path, advance: Advance) -> None:
        super().__init__(path)
        self.advance = advance

    def read(self, size: int | None = -1) -> bytes:
        """Read, and tell."""
        content = super().read(size) or b""
        self.advance(len(content))
        return content


def storage_client() -> Any:
    """Return a Google Cloud Storage client, or say what is missing."""
    try:
        from google.auth.exceptions import DefaultCredentialsError
        from google.cloud import storage
        from requests.adapters import HTTPAdapter
    except ImportError as error:
        raise ContainerError(
            "gs:// needs google-cloud-storage: add it to src/requirements.txt."
        ) from error
    try:
        # Objects need no project, and a person's own credentials name none.
        client = storage.Client(project=None)
    except DefaultCredentialsError as error:
        raise ContainerError(f"{describe(error)} {CREDENTIALS}") from error
    from mldock.storage.transfers import WORKERS

    # A connection for each worker, kept.
    for scheme in ("https://", "http://"):
        client._http.mount(scheme, HTTPAdapter(pool_maxsize=WORKERS))
    return client
