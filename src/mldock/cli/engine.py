"""Running the image: what the Docker SDK does here as a platform does elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from docker.models.containers import Container
from docker.types import DeviceRequest, Mount
from mldock import ContainerError
from mldock.cli.credentials import credentials_for
from mldock.cli.env_file import read_env_file
from mldock.cli.environment import ROOT
from mldock.cli.output import write
from mldock.cli.proxies import proxies

LABEL = "mldock.project"
# What a container calls this machine.
HERE = "host.docker.internal"

# The clients of the object stores read their credentials from these.
CREDENTIALS = ("AWS_", "AZURE_")


def connect() -> docker.DockerClient:
    """Return a client of an engine that answers."""
    try:
        return docker.from_env()
    except DockerException as error:
        raise ContainerError("No Docker engine answers. Start Docker.") from error


def start_container(
    image: str,
    command: str,
    *,
    mounts: list[Mount],
    variables: Mapping[str, str],
    ports: Mapping[str, tuple[str, int]],
    gpus: bool,
    peers: Collection[str] = (),
    **options: Any,
) -> Container:
    """Start the image as production would at its strictest.

    It gets the caller's uid, so that what it writes belongs to the caller, a root filesystem that
    is read-only, and no capabilities. It reaches its peers without a proxy. Further options are
    those of the Docker SDK.
    """
    passed = {key: value for key, value in os.environ.items() if key.startswith(CREDENTIALS)}
    # The image has 0, for platforms: here the exit code is that of a command.
    variables = {"MLDOCK_STOPPED_EXIT_CODE": "", **read_env_file(), **variables}
    credentials, leading = credentials_for(variables)
    direct = ["localhost", "127.0.0.1", HERE, *peers]
    passed |= proxies([name.lower() for name in variables], direct=direct)
    engine = connect()
    try:
        # Asked for by itself, since `run` would look for it in a registry.
        engine.images.get(image)
        print(f"Starting {image} {command}.", file=sys.stderr, flush=True)
        return engine.containers.run(
            image,
            command,
            detach=True,
            labels={LABEL: str(ROOT)},
            environment={**passed, **variables, **leading},
            mounts=[*mounts, *credentials],
            ports=dict(ports),
            user=f"{os.getuid()}:{os.getgid()}",
            read_only=True,
            tmpfs={"/tmp": ""},
            cap_drop=["ALL"],
            # nginx that root starts sets the groups of its workers.
            cap_add=["SETGID"] if os.getuid() == 0 else [],
            security_opt=["no-new-privileges"],
            extra_hosts={HERE: "host-gateway"},
            device_requests=[DeviceRequest(count=-1, capabilities=[["gpu"]])] if gpus else None,
            **options,
        )
    except ImageNotFound as error:
        raise ContainerError(
            f"There is no image {image}. Build it: nox -s build, with the same --stage and --tag"
        ) from error
    except APIError as error:
        raise ContainerError(f"Docker cannot run {image}: {error.explanation}") from error


def send(container: Container, number: int) -> None:
    """Send a signal to a container; one that has ended has nothing to stop."""
    with contextlib.suppress(APIError):
        container.kill(number)


def follow(container: Container) -> Callable[[], int | None]:
    """Copy the container's output to this process's, as it comes; remove it when it has ended.

    Returns a function that says the exit code, and None as long as the container runs.
    """
    code: list[int] = []

    def copy() -> None:
        try:
            for part in container.logs(stream=True, follow=True):
                write(part)
            status = container.wait()["StatusCode"]
            # Removed first, since who sees the code may look for what is left behind.
            container.remove()
            code.append(status)
        finally:
            # An engine that goes away takes the exit code with it.
            code.append(1)

    threading.Thread(target=copy).start()
    return lambda: code[0] if code else None


def project_containers() -> list[Container]:
    """Return the containers of this project, those that have ended too."""
    filters = {"label": f"{LABEL}={ROOT}"}
    found: list[Container] = connect().containers.list(all=True, filters=filters)
    return found
