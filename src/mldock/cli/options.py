"""The options that the sessions share: `nox -s train -- --docker -p epochs 3`."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from typing import Any


def parser(session: str, description: str, *examples: str) -> argparse.ArgumentParser:
    """Return a parser that speaks of the session, not of this module.

    Args:
        session: Its name.
        description: What it does.
        examples: What may stand after the two dashes.

    """
    lines = [f"  nox -s {session} -- {example}" for example in examples]
    return argparse.ArgumentParser(
        prog=f"nox -s {session} --",
        description=textwrap.fill(description, 80),
        epilog="\n".join(["examples:", *lines]) if lines else None,
        # Keeps the examples in their lines.
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def subparser(
    commands: Any, name: str, function: Callable[[argparse.Namespace], object], description: str
) -> argparse.ArgumentParser:
    """Add a command to those of a session, and what carries it out."""
    added: argparse.ArgumentParser = commands.add_parser(
        name, help=description, description=description, allow_abbrev=False
    )
    added.set_defaults(function=function)
    return added


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add where to run, and with which values."""
    add_image_options(parser)
    parser.add_argument("--docker", action="store_true", help="run in the image")
    parser.add_argument("--gpus", action="store_true", help="give the container all GPUs")
    add_hyperparameters(parser)
    add_variables(parser)


def add_hyperparameters(parser: argparse.ArgumentParser) -> None:
    """Add what a person changes in the hyperparameters."""
    add_pairs(
        parser, "-p", "hyperparameters", "set a hyperparameter; repeatable (those of mldock.json)"
    )


def add_variables(parser: argparse.ArgumentParser) -> None:
    """Add what a person changes in the environment."""
    said = "set the environment variable MLDOCK_NAME; repeatable (those of mldock.json)"
    add_pairs(parser, "-e", "environment", said)


def add_pairs(parser: argparse.ArgumentParser, option: str, name: str, said: str) -> None:
    """Add an option that takes a name and a value, any number of times."""
    parser.add_argument(
        option,
        dest=name,
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help=said,
    )


def add_stage(parser: argparse.ArgumentParser) -> None:
    """Add which stage."""
    said = "a stage of mldock.json; its values take precedence (none)"
    parser.add_argument("--stage", help=said)


def add_image_options(parser: argparse.ArgumentParser, tag: str = "the stage's") -> None:
    """Add which stage and which image; `tag` says which it is if none is given."""
    add_stage(parser)
    parser.add_argument("--tag", help=f"the tag of the image ({tag})")


def add_port(parser: argparse.ArgumentParser) -> None:
    """Add the port of the server."""
    parser.add_argument("--port", type=port, default=8080, help="port on 127.0.0.1 (8080)")


def port(text: str) -> int:
    """Return the number of a port, or refuse the text."""
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; use a number from 1 to 65535")
    return int(text)
