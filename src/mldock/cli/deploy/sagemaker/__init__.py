"""Run the image on SageMaker."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from importlib import import_module
from typing import Any

from mldock.cli import options

Command = Callable[[Namespace], Any]


def add_commands(commands: Any) -> None:
    """Add the commands of this platform."""
    training = options.subparser(
        commands, "train", command("training", "train"), "run a training job"
    )
    add_image(training)
    options.add_hyperparameters(training)
    training.add_argument("--no-wait", action="store_true", help="start it only")
    training.set_defaults(environment=[])
    endpoint = options.subparser(
        commands, "endpoint", command("endpoint", "deploy_endpoint"), "make or change the endpoint"
    )
    add_image(endpoint)
    add_model(endpoint)
    endpoint.add_argument("--try", action="store_true", help="send payload.json to it at the end")
    batch = options.subparser(
        commands, "batch", command("batch", "batch"), "answer files that lie in S3"
    )
    add_image(batch)
    add_model(batch)
    batch.add_argument("--input", required=True, metavar="S3URI", help="a file, or their prefix")
    batch.add_argument(
        "--output", metavar="S3URI", help="where the answers are to lie (below sagemaker.output)"
    )
    batch.add_argument("--content-type", default="text/csv", help="of the files (text/csv)")
    batch.add_argument("--no-wait", action="store_true", help="start it only")
    deletion = options.subparser(
        commands,
        "delete",
        command("deletion", "delete"),
        "delete the endpoint, its configurations and models; what lies in S3 stays",
    )
    add_stage(deletion)
    deletion.add_argument("--all", action="store_true", help="at all stages")


def command(module: str, function: str) -> Command:
    """Return a command that is imported when it runs: boto3 takes its time."""

    def run(arguments: Namespace) -> Any:
        from mldock.cli.deploy.sagemaker.account import refusals

        print("Asking AWS.", flush=True)
        with refusals():
            return getattr(import_module(f"{__name__}.{module}"), function)(arguments)

    return run


def add_stage(parser: ArgumentParser) -> None:
    """Add which stage."""
    parser.add_argument("--stage", help="a stage of mldock.json; its values take precedence (none)")


def add_image(parser: ArgumentParser) -> None:
    """Add which stage and which pushed image."""
    add_stage(parser)
    parser.add_argument("--tag", help="the tag of the pushed image (VERSION-COMMIT)")


def add_model(parser: ArgumentParser) -> None:
    """Add which model."""
    parser.add_argument(
        "--model", metavar="S3URI", help="a model.tar.gz (that of the last training job)"
    )
