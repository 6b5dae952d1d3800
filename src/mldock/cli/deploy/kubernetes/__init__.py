"""Run the image on Kubernetes."""

from __future__ import annotations

from typing import Any

from mldock.cli import options
from mldock.cli.deploy import plan
from mldock.cli.deploy.kubernetes.deployments import delete, rollout, serve, undo
from mldock.cli.deploy.kubernetes.jobs import train


def add_commands(commands: Any) -> None:
    """Add the commands of this platform."""
    for command in (serve, rollout, undo, train, delete):
        name = command.__name__
        parser = options.subparser(commands, name, command, command.__doc__ or "")
        parser.add_argument("--stage", required=True, help="a stage of mldock.json")
        plan.add_options(parser)
        if name in ("serve", "rollout", "train"):
            parser.add_argument("--tag", help="the tag of the pushed image (VERSION-COMMIT)")
        if name in ("serve", "train"):
            options.add_hyperparameters(parser)
            options.add_variables(parser)
        if name == "rollout":
            parser.add_argument("--undo-on-failure", action="store_true", help="undo a failure")
        if name == "delete":
            parser.add_argument("kind", nargs="?", choices=("serve", "train"), help="one (both)")
