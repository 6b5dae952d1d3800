"""Train the model in `.mldock/`, without Docker or in the image."""

from __future__ import annotations

import time
from argparse import Namespace

from container.lifecycle.project import Project
from tools import options
from tools.signals import on_interrupt
from tools.workspace import BASE_DIR, command, image_of, prepare, run_variables, staged_project


def main() -> int:
    """Run the session and return the exit code of the training job."""
    parser = options.parser("train", __doc__)
    options.add_run_options(parser)
    arguments = parser.parse_args()
    project = staged_project(arguments)
    train = train_in_image if arguments.docker else train_here
    return train(project, arguments)


def train_here(project: Project, arguments: Namespace) -> int:
    """Train with the project's own Python."""
    from tools.processes import start_executor

    prepare(project, link=True)
    process = start_executor("train", run_variables(project, arguments))
    on_interrupt(process.terminate)
    return process.wait()


def train_in_image(project: Project, arguments: Namespace) -> int:
    """Train in a container."""
    from docker.types import Mount

    from tools.engine import follow, start_container, terminate

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
    return code


if __name__ == "__main__":
    command(main)
