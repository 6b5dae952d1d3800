"""The origin of an image, in the labels of the OCI's image specification."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime

from mldock import ContainerError
from mldock.cli.registry.commits import REVISION, NoCommitError, git, revision
from mldock.project import Project

PREFIX = "org.opencontainers.image"

# A password, or a token instead of one, stands before an @ or in a query.
HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?/[^@?#\s]+")
SSH = re.compile(r"(ssh://)?([A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+:[^@?#\s]+")


def image_labels(project: Project) -> dict[str, str]:
    """Return the labels of an image that is built now; without a commit the version alone."""
    labels = {f"{PREFIX}.version": project.version}
    try:
        labels[REVISION] = revision()
        labels[f"{PREFIX}.created"] = commit_time().isoformat()
        if source := source_address():
            labels[f"{PREFIX}.source"] = source
    except NoCommitError:
        pass
    except ContainerError as error:
        print(f"warning: the image's labels have no commit. {error}", file=sys.stderr)
    return labels


def commit_time() -> datetime:
    """Return the time of the commit."""
    return datetime.fromtimestamp(int(git("show", "--no-patch", "--format=%ct")), UTC)


def source_address() -> str | None:
    """Return the address of the repository, unless it contains a secret or is a local path."""
    try:
        address = git("remote", "get-url", "origin")
    except ContainerError:
        return None
    if HTTPS.fullmatch(address):
        return address
    # A path, too, may have a colon, and names this machine.
    if SSH.fullmatch(address) and (address.startswith("ssh://") or "@" in address):
        return address
    return None
