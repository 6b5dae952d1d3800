"""Run the image on SageMaker."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Any

from mldock.cli import options
from mldock.cli.deploy import plan


def add_commands(commands: Any) -> None:
    """Add the commands of this platform."""
    training = add(commands, "train", "run a training job")
    options.add_hyperparameters(training)
    endpoint = add(commands, "endpoint", "create the endpoint, or update it in place")
    endpoint.add_argument("--try", action="store_true", help="send payload.json to it at the end")
    endpoint.add_argument("--undo", action="store_true", help="go back to what it served before")
    batch = add(commands, "batch", "predict for files on S3")
    batch.add_argument("--input", required=True, metavar="S3URI", help="a file, or a prefix")
    batch.add_argument("--output", metavar="S3URI", help="a prefix (below sagemaker.output)")
    batch.add_argument("--content-type", default="text/csv", help="of the files (text/csv)")
    for parser in (training, batch):
        parser.add_argument("--no-wait", action="store_true", help="only start it")
    for parser in (endpoint, batch):
        parser.add_argument("--model", metavar="S3URI", help="a model.tar.gz (the last trained)")
    add(commands, "delete", "delete the endpoint, its configurations and models; not files on S3")


def add(commands: Any, name: str, description: str) -> ArgumentParser:
    """Add a command with the options that all commands have."""

    def run(arguments: Namespace) -> Any:
        # Importing boto3 takes a second, which --help does not need.
        from mldock.cli.deploy.sagemaker.target import refusals

        with refusals():
            module = "jobs" if name in ("train", "batch") else "endpoint"
            return getattr(import_module(f"{__name__}.{module}"), name)(arguments)

    parser = options.subparser(commands, name, run, description)
    if name == "delete":
        options.add_stage(parser)
    else:
        options.add_image_options(parser, "VERSION-COMMIT")
    plan.add_options(parser)
    return parser
