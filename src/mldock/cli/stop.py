"""Stop what runs of this project: its server, and its containers, those left behind too."""

from __future__ import annotations

import contextlib
import sys

from docker.errors import APIError
from docker.models.containers import Container
from mldock import ContainerError
from mldock.cli import options, server
from mldock.cli.engine import project_containers


def main() -> int:
    """Run the session."""
    options.parser("stop", __doc__).parse_args()
    stopped = server.stop()
    for container in containers():
        stopped = True
        # The session that started it may be removing it at this moment.
        with contextlib.suppress(APIError):
            print(f"Stopping the container {container.name}.", file=sys.stderr, flush=True)
            container.stop(timeout=30)
            container.remove(force=True)
    print("Stopped." if stopped else "Nothing was running.")
    return 0


def containers() -> list[Container]:
    """Return the project's containers; none where no engine answers."""
    try:
        return project_containers()
    except ContainerError:
        return []
