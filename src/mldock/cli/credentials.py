"""The caller's own credentials for the stores that a container's run uses.

Without Docker the clients of the stores find them by themselves. In production they belong to a
role that the platform gives, so nothing of this file applies there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docker.types import Mount


@dataclass(frozen=True)
class Folder:
    """What a sign-in leaves behind, and how it reaches a container.

    Attributes:
        scheme: The store that it is for.
        source: Where it lies on this machine, below the home directory.
        target: Where the container has it.
        variables: What leads the clients there: names of variables and of files in the folder.
        moved: The variable by which a person moves the folder elsewhere.

    """

    scheme: str
    source: str
    target: str
    variables: Mapping[str, str]
    moved: str = ""


FOLDERS = [
    # Below the HOME of the image, where the SDK looks for the tokens of a single sign-on.
    Folder(
        "s3",
        ".aws",
        "/tmp/.aws",
        {"AWS_SHARED_CREDENTIALS_FILE": "credentials", "AWS_CONFIG_FILE": "config"},
    ),
    Folder(
        "gs", ".config/gcloud", "/run/secrets/gcloud", {"CLOUDSDK_CONFIG": ""}, "CLOUDSDK_CONFIG"
    ),
    Folder("az", ".azure", "/run/secrets/azure", {"AZURE_CONFIG_DIR": ""}, "AZURE_CONFIG_DIR"),
]

# Each names a file with credentials, or with what is needed to use them.
FILES = {
    "s3": [
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CONFIG_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CA_BUNDLE",
    ],
    "gs": ["GOOGLE_APPLICATION_CREDENTIALS"],
    "az": ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"],
}


def credentials_for(variables: Mapping[str, str]) -> tuple[list[Mount], dict[str, str]]:
    """Return read-only mounts for the stores that a run's variables name, and what leads to them.

    Args:
        variables: Those of the run; they take precedence over this process's.

    """
    known = {**os.environ, **variables}
    schemes = [scheme for scheme in FILES if uses(scheme, variables)]
    mounts: list[Mount] = []
    leading: dict[str, str] = {}
    for folder in FOLDERS:
        source = place(known.get(folder.moved)) or Path.home() / folder.source
        if folder.scheme in schemes and source.is_dir():
            mounts.append(read_only(folder.target, source))
            leading |= {
                name: f"{folder.target}/{file}".rstrip("/")
                for name, file in folder.variables.items()
            }
    for name in [name for scheme in schemes for name in FILES[scheme]]:
        file = place(known.get(name))
        if file and file.is_file():
            leading[name] = f"/run/secrets/{name}"
            mounts.append(read_only(leading[name], file))
    return mounts, leading


def place(path: str | None) -> Path | None:
    """Return a path that a variable may hold; `.env` has no shell to expand `~`."""
    return Path(path).expanduser() if path else None


def uses(scheme: str, variables: Mapping[str, str]) -> bool:
    """Say whether one of the variables is a place in a store."""
    return any(value.startswith(f"{scheme}://") for value in variables.values())


def read_only(target: str, source: Path) -> Mount:
    """Return a mount that the container cannot change."""
    return Mount(target, str(source.resolve()), type="bind", read_only=True)
