"""The commit that an image is built from, as git knows it."""

from __future__ import annotations

import subprocess

from mldock import ContainerError
from mldock.cli.environment import ROOT

# The label of an image that names it, in the OCI's image specification.
REVISION = "org.opencontainers.image.revision"
# What reaches the builder, and what decides that.
BUILT_FROM = ["src", "wheels", "mldock.json", ".dockerignore"]


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
        result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise ContainerError("There is no git command. Install git.") from error
    if result.returncode:
        reason = result.stderr.strip().partition("\n")[0]
        raise ContainerError(
            f"The project has no commit ({reason}). Make one: git init, git add, git commit"
        )
    return result.stdout.strip()
