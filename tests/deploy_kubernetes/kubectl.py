"""kubectl: that of this machine where it is new enough, or Debian's in a container."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from pathlib import Path

DOCKERFILE = """
FROM python:3.13-slim-trixie
RUN apt-get update && apt-get install --yes --no-install-recommends kubectl
"""

# The working folder is all that a kustomization needs.
WRAPPER = """#!/bin/sh
exec docker run --rm --interactive --network none --label {label} \\
  --volume "$PWD:$PWD" --workdir "$PWD" {image} kubectl "$@"
"""


def is_new(command: str | None) -> bool:
    """Say whether a kubectl has a kustomize of version 5 or newer."""
    if command is None:
        return False
    version = [command, "version", "--client", "--output=json"]
    result = subprocess.run(version, capture_output=True, text=True)
    if result.returncode:
        return False
    kustomize = str(json.loads(result.stdout).get("kustomizeVersion", "v0"))
    return int(kustomize.lstrip("v").partition(".")[0]) >= 5


def provide(folder: Path) -> list[str]:
    """Put a command called kubectl into a folder; return the images that were made for it."""
    place = folder / "kubectl"
    there = shutil.which("kubectl")
    if is_new(there):
        place.symlink_to(str(there))
        return []
    label = f"mldock.test={uuid.uuid4().hex}"
    image = f"mldock-test-kubectl-{label[-8:]}"
    build = ["docker", "build", "--quiet", "--label", label, "--tag", image, "-"]
    subprocess.run(build, input=DOCKERFILE, text=True, check=True, capture_output=True)
    place.write_text(WRAPPER.format(label=label, image=image), "utf-8")
    place.chmod(0o755)
    return [image]
