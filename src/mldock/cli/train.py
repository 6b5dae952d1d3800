"""Train the model in `.mldock/`, without Docker or in the image, there on several hosts too."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentTypeError, Namespace

from mldock import ContainerError
from mldock.cli import lock, options
from mldock.cli.signals import on_interrupt
from mldock.cli.workspace import BASE_DIR, image_of, prepare, run_variables, staged_project
from mldock.project import Project


def main() -> int:
    """Run the session and return the exit code of the training job."""
    parser = options.parser(
        "train",
        __doc__,
        "-p epochs=3 -e LOGS_LEVEL=DEBUG",
        "--docker --stage prod",
        "--docker --hosts 3",
    )
    options.add_run_options(parser)
    parser.add_argument(
        "--hosts",
        type=number,
        metavar="N",
        help="train in N containers together, with --docker (as many as mldock.json says)",
    )
    arguments = parser.parse_args()
    project = staged_project(arguments)
    if fault := lock.reason():
        print(f"warning: {fault}.", file=sys.stderr)
    hosts = arguments.hosts or project.hosts
    if hosts > 1 and arguments.docker:
        from mldock.cli.hosts import train_on_hosts

        return train_on_hosts(project, arguments, hosts)
    if arguments.hosts and hosts > 1:
        raise ContainerError(
            f"--hosts {hosts} needs containers. Add --docker, or leave it out to train on one host."
        )
    if hosts > 1:
        print(f"mldock.json names {hosts} hosts: this is one of them, all need --docker.")
    train = train_in_image if arguments.docker else train_here
    return train(project, arguments)


def number(text: str) -> int:
    """Return a number of hosts, or refuse the text."""
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 100")
    return int(text)


def train_here(project: Project, arguments: Namespace) -> int:
    """Train with the project's own Python."""
    from mldock.cli.processes import start_executor

    prepare(project, link=True)
    process = start_executor("train", run_variables(project, arguments))
    on_interrupt(process.terminate)
    return process.wait()


def train_in_image(project: Project, arguments: Namespace) -> int:
    """Train in a container."""
    from docker.types import Mount
    from mldock.cli.engine import follow, start_container, terminate

    channels = prepare(project, link=False)
    mounts = [Mount("/opt/ml", str(BASE_DIR), type="bind")]
    for name, folder in channels.items():
        mounts.append(Mount(f"/opt/ml/input/data/{name}", str(folder), type="bind", read_only=True))
    container = start_container(
        image_of(project, arguments),
        "train",
        mounts=mounts,
        variables=run_variables(project, arguments),
        ports={},
        gpus=arguments.gpus,
    )
    on_interrupt(lambda: terminate(container))
    poll = follow(container)
    while (code := poll()) is None:
        time.sleep(0.1)
    # The log has named files as the container has them.
    print(f"/opt/ml of the container is {BASE_DIR} here.")
    return code
