"""Channels on Azure Blob Storage."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any, ClassVar

from mldock.environment import Environment
from mldock.errors import ContainerError
from mldock.places import UNUSUAL, split_uri
from mldock.stores import CLIENT, RETRY, Bucket, Store

CREDENTIALS = (
    "Sign in with az login, or set AZURE_STORAGE_CONNECTION_STRING, or AZURE_TENANT_ID, "
    "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give the machine an identity."
)


class AzureEnvironment(Environment):
    """Moves `az://container/prefix`.

    The account comes from `AZURE_STORAGE_CONNECTION_STRING`, or from `AZURE_STORAGE_ACCOUNT_URL`
    with the credentials that the machine or the user is signed in with.
    """

    schemes: ClassVar[tuple[str, ...]] = ("az",)

    def store(self, uri: str) -> Store:
        """Return the blobs under the prefix, or the one blob, that `uri` names."""
        from obstore.store import AzureStore

        config: Any = account()
        container, _ = split_uri(uri)
        store = AzureStore(container, config=config, client_options=CLIENT, retry_config=RETRY)
        return AzureBucket(store, uri, CREDENTIALS)


class AzureBucket(Bucket):
    """Blobs of Azure, which takes a backslash for a slash."""

    unsafe = re.compile(rf"[{UNUSUAL}\\]")


def account() -> dict[str, str]:
    """Return the account and its credentials, from Azure's own variables.

    Raises:
        ContainerError: No variable names an account.

    """
    text = os.environ.get("AZURE_STORAGE_CONNECTION_STRING", "")
    # A key ends with equals signs.
    known = dict(part.split("=", 1) for part in text.strip("; ").split(";") if "=" in part)
    if known.get("UseDevelopmentStorage") == "true":
        return {"use_emulator": "true"}
    url = known.get("BlobEndpoint") or os.environ.get("AZURE_STORAGE_ACCOUNT_URL", "")
    url, _, signature = url.partition("?")
    name = known.get("AccountName") or url.partition("://")[2].partition(".")[0]
    if not name:
        raise ContainerError(
            "az:// needs an account: set AZURE_STORAGE_CONNECTION_STRING or "
            "AZURE_STORAGE_ACCOUNT_URL."
        )
    suffix = known.get("EndpointSuffix", "core.windows.net")
    config = {
        "account_name": name,
        "endpoint": url.rstrip("/") or f"https://{name}.blob.{suffix}",
        "account_key": known.get("AccountKey", ""),
        "sas_key": known.get("SharedAccessSignature", signature),
        # Asked last, where nothing else signs the requests.
        "use_azure_cli": "true" if shutil.which("az") else "",
    }
    return {key: value for key, value in config.items() if value}
