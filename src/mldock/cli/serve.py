"""Serve the model of `.mldock/model/`, without Docker or in the image, until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from mldock import ContainerError
from mldock.channels import read_channels
from mldock.cli import options
from mldock.cli.env_file import read_env_file
from mldock.cli.environment import ROOT
from mldock.cli.server import is_ready, registered
from mldock.cli.signals import Interrupts, exit_code
from mldock.cli.workspace import MODEL_DIR, image_of, run_variables, staged_project
from mldock.lifecycle import LAST
from mldock.project import Project

Running = tuple[Callable[[], "int | None"], Callable[[], object]]
"""What returns the exit code once there is one, and what asks the server to stop."""


def main() -> int:
    """Run the session and return the exit code of the server."""
    parser = options.parser("serve", __doc__, "--reload", "--docker --stage prod --port 8081")
    options.add_run_options(parser)
    options.add_port(parser)
    parser.add_argument(
        "--reload", action="store_true", help="an edit of src/ is live at once (without --docker)"
    )
    arguments = parser.parse_args()
    if arguments.reload and arguments.docker:
        parser.error("--reload works without --docker only: the image holds a copy of src/")
    project = staged_project(arguments)
    has_model = any(MODEL_DIR.glob("[!.]*")) or any((MODEL_DIR / LAST).glob("[!.]*"))
    if not has_model and not fetches_model({**os.environ, **variables_of(project, arguments)}):
        raise ContainerError("There is no model in .mldock/model. Train one: nox -s train")
    with registered(arguments.port) as url:
        serve = serve_in_image if arguments.docker else serve_here
        interrupts = Interrupts()
        poll, stop = serve(project, arguments)
        announced, asked = False, 0
        while (code := poll()) is None:
            if not announced:
                interrupts.pass_to(lambda _: stop())
            # A second time, it cuts short what is still answered.
            elif interrupts.count > asked:
                asked += 1
                stop()
            if not announced and is_ready(url):
                announce(url)
                announced = True
            time.sleep(0.1)
    stopped = (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    if interrupts.number and not announced and code in stopped:
        # It has served nobody: what comes next in a script must not take it for a server that has.
        return 128 + interrupts.number
    # Ctrl-C is the way to end a server, so that one which has ended in order is a success.
    return exit_code(code)


def serve_here(project: Project, arguments: Namespace) -> Running:
    """Serve with the project's own Python: the same application, without nginx."""
    from mldock.cli.processes import start_executor

    variables = run_variables(project, arguments)
    variables["MLDOCK_SERVER_BIND"] = f"localhost:{arguments.port}"
    if arguments.reload:
        variables |= {"MLDOCK_SERVER_RELOAD": "on", "MLDOCK_SERVER_WORKERS": "1"}
    process = start_executor("serve", variables)
    return process.poll, process.terminate


def serve_in_image(project: Project, arguments: Namespace) -> Running:
    """Serve in a container; the model is mounted as SageMaker mounts it, read-only."""
    from docker.types import Mount
    from mldock.cli.engine import follow, send, start_container

    variables = variables_of(project, arguments)
    MODEL_DIR.mkdir(parents=True, exist_ok=True)
    is_fixed = not fetches_model(variables)
    container = start_container(
        image_of(project, arguments),
        "serve",
        mounts=[Mount("/opt/ml/model", str(MODEL_DIR), type="bind", read_only=is_fixed)],
        variables=variables,
        ports={"8080/tcp": ("127.0.0.1", arguments.port)},
        gpus=arguments.gpus,
    )
    return follow(container), partial(send, container, signal.SIGTERM)


def variables_of(project: Project, arguments: Namespace) -> dict[str, str]:
    """Return what .env, mldock.json and the options give the server."""
    return {**read_env_file(), **run_variables(project, arguments)}


def fetches_model(variables: Mapping[str, str]) -> bool:
    """Return whether the server fetches a model."""
    return any(channel.brings_model for channel in read_channels(variables))


def announce(url: str) -> None:
    """Say where the server is, and how to ask it."""
    payload = shlex.quote(f"@{ROOT / 'payload.json'}")
    page = f", or on the page {url}/ in a browser" if is_ready(url, "/") else ""
    # Who has read enough of it (`| head`) does not end the server.
    with suppress(BrokenPipeError):
        print(
            f"\nServing at {url}. Ask it from another terminal:\n\n"
            f"  curl -H 'Content-Type: application/json' --data {payload} {url}/invocations\n\n"
            f"or: nox -s predict -- payload.json{page}.\n"
            "Ctrl-C or nox -s stop ends it.\n",
            file=sys.stderr,
            flush=True,
        )
