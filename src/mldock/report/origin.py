"""What a run is made from: the project, its version, and the commit where git is at hand."""

from __future__ import annotations

import logging
import os
import re
import subprocess

from mldock.project import Project, project_dir

# What git says where there is no repository, or no commit in it.
NO_COMMIT = re.compile("not a git repository|(revision|argument) 'HEAD'|have any commits")

log = logging.getLogger("train")


def origin(project: Project) -> dict[str, object]:
    """Return what the first line of a run says of its project."""
    name = project.image_name.rpartition("/")[2]
    return {"project": name, "version": project.version, "commit": commit()}


def commit() -> str | None:
    """Return the commit, marked where files differ from it; an image knows none."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        result = subprocess.run(
            command,
            cwd=project_dir(),
            capture_output=True,
            text=True,
            timeout=10,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if result.returncode and not NO_COMMIT.search(result.stderr):
        log.warning("the record of the run has no commit. %s", result.stderr.strip())
    return result.stdout.strip() or None
