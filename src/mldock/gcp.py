"""Channels on Google Cloud Storage."""

from __future__ import annotations

import json
import os
from datetime import UTC
from pathlib import Path
from typing import Any, ClassVar

from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.places import split_uri
from mldock.stores import CLIENT, RETRY, Bucket, Store

CREDENTIALS = (
    "Sign in with gcloud auth application-default login, or name a key file in "
    "GOOGLE_APPLICATION_CREDENTIALS, or give the machine a service account."
)
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"


class GCPEnvironment(Environment):
    """Moves `gs://bucket/prefix`; credentials are Google's application default credentials."""

    schemes: ClassVar[tuple[str, ...]] = ("gs",)

    def store(self, uri: str) -> Store:
        """Return the objects under the prefix, or the one object, that `uri` names."""
        from obstore.store import GCSStore

        # As it is stored, were it compressed: its size and its checksum are of that.
        client = {**CLIENT, "default_headers": {"accept-encoding": "gzip"}}
        options: Any = {"client_options": client, "retry_config": RETRY}
        folder = os.environ.get("CLOUDSDK_CONFIG") or Path.home() / ".config" / "gcloud"
        usual = Path(folder, "application_default_credentials.json")
        named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        if emulator := os.environ.get("STORAGE_EMULATOR_HOST"):
            options["config"] = {"base_url": emulator}
            options["credential_provider"] = lambda: {"token": "emulator", "expires_at": None}
        elif named or usual.is_file():
            file = named or str(usual)
            try:
                kind = json.loads(Path(file).read_bytes())["type"]
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise ContainerError(f"{file} is not a key file. {CREDENTIALS}") from error
            if kind in SIMPLE:
                options["config"] = {"application_credentials": file}
            else:
                options["credential_provider"] = federated(file)
        return Bucket(GCSStore(split_uri(uri)[0], **options), uri, CREDENTIALS)


# The kinds of credentials that obstore reads itself.
SIMPLE = {"service_account", "authorized_user"}


def federated(file: str) -> Any:
    """Return what exchanges the tokens of another platform or account for Google's."""
    try:
        import google.auth
        from google.auth.transport.requests import Request
    except ImportError as error:
        raise ContainerError(
            f"{file} has credentials of another account or platform, which need google-auth: "
            "add google-auth[requests] to src/requirements.txt."
        ) from error
    credentials: Any = google.auth.default(scopes=[SCOPE])[0]

    def provide() -> dict[str, Any]:
        credentials.refresh(Request())
        return {
            "token": credentials.token,
            "expires_at": credentials.expiry.replace(tzinfo=UTC),
        }

    return provide
