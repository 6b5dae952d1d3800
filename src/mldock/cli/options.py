"""The options that the sessions share: `nox -s train -- --docker -p epochs=3`."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from typing import Any


def parser(session: str, description: str, *examples: str) -> argparse.ArgumentParser:
    """Return a parser whose messages name the session, with examples of its arguments."""
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


class Pairs(argparse.Action):
    """Collects `NAME=VALUE` and `NAME VALUE` as lists of a name and a value."""

    def __init__(self, **options: Any) -> None:
        super().__init__(nargs="+", default=[], metavar="NAME=VALUE", **options)

    def __call__(self, _parser: Any, namespace: Any, values: Any, _option: Any = None) -> None:
        """Add the values of one option to those before it."""
        pairs = [word.split("=", 1) for word in values]
        if len(values) == 2 and "=" not in values[0]:
            pairs = [values]
        for pair in pairs:
            if len(pair) != 2 or not pair[0]:
                raise argparse.ArgumentError(self, f"{'='.join(pair)!r} is not NAME=VALUE")
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), *pairs])


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add where to run, and with which values."""
    add_image_options(parser)
    parser.add_argument("--docker", action="store_true", help="run in the image")
    parser.add_argument("--gpus", action="store_true", help="give the container all GPUs")
    add_hyperparameters(parser)
    add_variables(parser)


def add_hyperparameters(parser: argparse.ArgumentParser) -> None:
    """Add `-p`, which sets hyperparameters."""
    text = "set hyperparameters (those of mldock.json)"
    parser.add_argument("-p", action=Pairs, dest="hyperparameters", help=text)


def add_variables(parser: argparse.ArgumentParser) -> None:
    """Add `-e`, which sets environment variables."""
    text = "set environment variables, as MLDOCK_NAME (those of mldock.json)"
    parser.add_argument("-e", action=Pairs, dest="environment", help=text)


def add_stage(parser: argparse.ArgumentParser) -> None:
    """Add which stage."""
    parser.add_argument("--stage", help="a stage of mldock.json; its values take precedence (none)")


def add_image_options(parser: argparse.ArgumentParser, tag: str = "the stage's") -> None:
    """Add which stage and which image; `tag` is the default in the help."""
    add_stage(parser)
    parser.add_argument("--tag", help=f"the tag of the image ({tag})")


def add_port(parser: argparse.ArgumentParser) -> None:
    """Add the port of the server."""
    parser.add_argument("--port", type=port, default=8080, help="port on 127.0.0.1 (8080)")


def port(text: str) -> int:
    """Return the number of a port, or refuse the text."""
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use a number from 1 to 65535")
    return int(text)
