"""The user's own credentials for the stores that a container's run uses, and whom it trusts.

Without Docker they are found where they are. In production they belong to a role that the platform
gives, so nothing of this file applies there.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from docker.types import Mount

# Each names a file with credentials, or with what is needed to use them.
FILES = {
    "s3": ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CA_BUNDLE"],
    "gs": ["GOOGLE_APPLICATION_CREDENTIALS"],
    "az": ["AZURE_FEDERATED_TOKEN_FILE"],
}
# For all that a run asks: obstore and Python's own clients trust the first, requests the second.
AUTHORITIES = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]
ADC = "application_default_credentials.json"


def credentials_for(variables: Mapping[str, str]) -> tuple[list[Mount], dict[str, str]]:
    """Return read-only mounts for the stores that a run's variables name, and what leads to them.

    Args:
        variables: Those of the run; they take precedence over this process's.

    """
    known = {**os.environ, **variables}
    used = [scheme for scheme in FILES if uses(scheme, variables)]
    names = [*AUTHORITIES, *(name for scheme in used for name in FILES[scheme])]
    files = {name: known[name] for name in names if known.get(name)}
    found: dict[str, str] = {}
    if "s3" in used:
        found = aws_session(known)
        if keys := found.pop("AWS_SHARED_CREDENTIALS_FILE", ""):
            files["AWS_SHARED_CREDENTIALS_FILE"] = keys
    if "gs" in used:
        folder = known.get("CLOUDSDK_CONFIG") or "~/.config/gcloud"
        files.setdefault("GOOGLE_APPLICATION_CREDENTIALS", f"{folder}/{ADC}")
    mounts = []
    for name, source in files.items():
        # `.env` has no shell to expand `~`.
        if (path := Path(source).expanduser()).is_file():
            found[name] = f"/run/secrets/{name}"
            mount = Mount(found[name], str(path.resolve()), type="bind", read_only=True)
            mounts.append(mount)
    return mounts, found


def uses(scheme: str, variables: Mapping[str, str]) -> bool:
    """Return whether one of the variables is a place in a store."""
    return any(value.startswith(f"{scheme}://") for value in variables.values())


def aws_session(known: Mapping[str, str]) -> dict[str, str]:
    """Return the region and the endpoint of the user's profile, and a file with its keys.

    The image has no boto3, which knows of profiles, single sign-on and assumed roles. A file, since
    whoever may use the Docker engine can read a container's variables.
    """
    import boto3
    from botocore.exceptions import BotoCoreError
    from mldock.aws import own_endpoint

    try:
        session = boto3.Session(
            profile_name=known.get("AWS_PROFILE") or None, region_name=known.get("AWS_REGION")
        )
        found = own_endpoint(session)
        credentials = None if known.get("AWS_ACCESS_KEY_ID") else session.get_credentials()
        keys = credentials.get_frozen_credentials() if credentials else None
    except (BotoCoreError, ValueError) as error:
        # The container says that it has no credentials; this says why.
        print(f"No credentials for S3: {error}", file=sys.stderr)
        return {}
    if keys is None:
        return found
    folder = Path(tempfile.mkdtemp(prefix="mldock-credentials-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "credentials"
    lines = [f"aws_access_key_id = {keys.access_key}", f"aws_secret_access_key = {keys.secret_key}"]
    if keys.token:
        lines.append(f"aws_session_token = {keys.token}")
    path.write_text("\n".join(["[default]", *lines, ""]), encoding="utf-8")
    return {"AWS_SHARED_CREDENTIALS_FILE": str(path), **found}
