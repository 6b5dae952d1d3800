"""What an image says of its origin, in the labels of the OCI's specification of images."""

from __future__ import annotations

from collections.abc import Mapping

from mldock.cli.registry import commits
from mldock.project import Project

PREFIX = "org.opencontainers.image"
REVISION = f"{PREFIX}.revision"


def labels(project: Project) -> dict[str, str]:
    """Return the labels of an image that is built now; without a commit the version alone."""
    found = {f"{PREFIX}.version": project.version}
    if revision := commits.revision():
        found[REVISION] = revision
        found[f"{PREFIX}.created"] = commits.commit_time().isoformat()
        if source := commits.source():
            found[f"{PREFIX}.source"] = source
    return found


def is_current(found: Mapping[str, str]) -> bool:
    """Say whether an image is built from what is checked out."""
    return found.get(REVISION) == commits.revision()


def difference(image: str, found: Mapping[str, str]) -> str:
    """Say what an image was built from instead."""
    built_from, revision = named(found.get(REVISION)), named(commits.revision())
    return f"{image} was built from {built_from}, and checked out is {revision}."


def named(revision: str | None) -> str:
    """Return a commit in words."""
    if revision is None:
        return "no commit"
    commit, dash, _ = revision.partition("-")
    return f"commit {commit[:12]}{' with changes' if dash else ''}"
