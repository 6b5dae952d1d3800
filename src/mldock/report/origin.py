"""What a run is made from: the project, its version, and the commit where git is at hand."""

from __future__ import annotations

import subprocess

from mldock.project import Project, project_dir


def origin(project: Project) -> dict[str, object]:
    """Return what the first line of a run says of its project."""
    name = project.image_name.rpartition("/")[2]
    return {"project": name, "version": project.version, "commit": commit()}


def commit() -> str | None:
    """Return the commit, marked where files differ from it; an image knows none."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        result = subprocess.run(
            command, cwd=project_dir(), capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() or None
