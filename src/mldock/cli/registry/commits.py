"""The commit that an image is built from, as git knows it."""

from __future__ import annotations

import os
import subprocess

from mldock import ContainerError
from mldock.cli.environment import ROOT
from mldock.report.origin import NO_COMMIT

# The label of an image that names it, in the OCI's image specification.
REVISION = "org.opencontainers.image.revision"
# What reaches the builder, and what decides that.
BUILT_FROM = ["src", "wheels", "mldock.json", ".dockerignore"]


class NoCommitError(ContainerError):
    """There is no git, no repository or no commit in it."""


def commit() -> str:
    """Return the first 12 digits of the checked-out commit."""
    return revision()[:12]


def revision() -> str:
    """Return the commit in full, followed by `-dirty` where an image's files differ from it."""
    changes = git("status", "--porcelain", "--", *BUILT_FROM)
    return git("rev-parse", "HEAD") + ("-dirty" if changes else "")


def git(*arguments: str) -> str:
    """Return what git prints."""
    try:
        result = subprocess.run(
            ["git", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise NoCommitError("There is no git command. Install git.") from error
    reason = result.stderr.strip()
    if result.returncode and NO_COMMIT.search(reason):
        reason = reason.partition("\n")[0]
        raise NoCommitError(
            f"The project has no commit ({reason}). Make one: git init, git add, git commit"
        )
    if result.returncode:
        # It says itself what to do, as for a repository of another user's.
        raise ContainerError(f"git {arguments[0]} failed. {reason}")
    return result.stdout.strip()
