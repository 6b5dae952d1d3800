"""Run the image on Kubernetes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from importlib import import_module
from typing import Any

from mldock.cli import options

Command = Callable[[Namespace], Any]

KINDS = ("serve", "train")


def add_commands(commands: Any) -> None:
    """Add the commands of this platform."""
    render = options.subparser(
        commands, "render", command("rendering", "show"), "print what would be applied"
    )
    render.add_argument("kind", nargs="?", choices=KINDS, default="serve", help="which (serve)")
    add_values(render)
    serve = options.subparser(
        commands, "serve", command("serving", "serve"), "apply the server and wait for it"
    )
    add_values(serve)
    rollout = options.subparser(
        commands,
        "rollout",
        command("serving", "rollout"),
        "give the running server the image of this commit",
    )
    add_stage(rollout)
    add_tag(rollout)
    rollout.add_argument(
        "--undo-on-failure", action="store_true", help="go back if the new image does not come up"
    )
    undo = options.subparser(
        commands, "undo", command("serving", "undo"), "go back to the revision before"
    )
    add_stage(undo)
    train = options.subparser(
        commands, "train", command("training", "train"), "train, and show the logs to the end"
    )
    add_values(train)
    delete = options.subparser(
        commands,
        "delete",
        command("removal", "delete"),
        "delete the server, the training runs or both; disks stay",
    )
    delete.add_argument("kind", nargs="?", choices=KINDS, help="which of them (both)")
    add_stage(delete)


def command(module: str, function: str) -> Command:
    """Return a command that is imported when it runs."""

    def run(arguments: Namespace) -> Any:
        return getattr(import_module(f"{__name__}.{module}"), function)(arguments)

    return run


def add_stage(parser: ArgumentParser) -> None:
    """Add the stage, which says the cluster too."""
    parser.add_argument(
        "--stage", help="a stage of mldock.json and of deploy/kubernetes/overlays (none: name one)"
    )


def add_tag(parser: ArgumentParser) -> None:
    """Add the image."""
    parser.add_argument("--tag", help="the tag of the pushed image (VERSION-COMMIT)")


def add_values(parser: ArgumentParser) -> None:
    """Add the image, and the values that a person may add to those of mldock.json."""
    add_stage(parser)
    add_tag(parser)
    options.add_hyperparameters(parser)
    options.add_variables(parser)
