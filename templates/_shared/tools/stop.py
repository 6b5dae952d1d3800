"""Stop what this project serves, and its containers that an interrupted session left behind."""

from __future__ import annotations

from docker.models.containers import Container

from container.lifecycle import ContainerError
from tools import options, server
from tools.engine import project_containers
from tools.workspace import command


def main() -> int:
    """Run the session."""
    options.parser("stop", __doc__).parse_args()
    stopped = server.stop()
    for container in left_behind():
        container.stop(timeout=30)
        container.remove(force=True)
        stopped = True
    print("Stopped." if stopped else "Nothing was running.")
    return 0


def left_behind() -> list[Container]:
    """Return the project's containers; none where no engine answers."""
    try:
        return project_containers()
    except ContainerError:
        return []


if __name__ == "__main__":
    command(main)
