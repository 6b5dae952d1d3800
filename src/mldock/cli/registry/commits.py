"""The commit that an image is built from, as git knows it."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime

from mldock import ContainerError
from mldock.cli.environment import ROOT

# What reaches the builder, and what decides that.
BUILT_FROM = ["src", "wheels", "mldock.json", ".dockerignore"]

# A password, or a token in its place, stands before an @ or in a query.
HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?/[^@?#\s]+")
SSH = re.compile(r"(ssh://)?([A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+:[^@?#\s]+")


def commit() -> str:
    """Return the first 12 digits of the checked-out commit."""
    return git("rev-parse", "--short=12", "HEAD")


def is_changed() -> bool:
    """Say whether something that an image is built from is in no commit."""
    return bool(git("status", "--porcelain", "--", *BUILT_FROM))


def revision() -> str | None:
    """Return the commit in full, marked where files differ from it; None if there is none."""
    try:
        return git("rev-parse", "HEAD") + ("-dirty" if is_changed() else "")
    except ContainerError:
        return None


def commit_time() -> datetime:
    """Return the time of the commit."""
    return datetime.fromtimestamp(int(git("show", "--no-patch", "--format=%ct")), UTC)


def source() -> str | None:
    """Return the address of the repository, unless it holds what must stay here."""
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


def git(*arguments: str) -> str:
    """Return what git prints."""
    try:
        result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise ContainerError("There is no git command. Install git, or use --tag TAG.") from error
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["nothing"])[0]
        raise ContainerError(
            "The project has no commit that could name the image. Commit it (git init, git add, "
            f"git commit), or choose a name: --tag TAG. git says: {reason}"
        )
    return result.stdout.strip()
