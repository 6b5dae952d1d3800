"""The parsers of all sessions, taken at the moment when they are to parse."""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from mldock.__main__ import COMMANDS

ROOT = Path(__file__).absolute().parents[2]
SHARED = ROOT / "templates" / "_shared"
# Where modules lie, and the folder that their names begin in.
FOLDERS = {"mldock": ROOT / "src", "extensions": ROOT, "scripts": ROOT, "benchmarks": ROOT}
MAKES_ONE = re.compile(r"(?:argparse\.ArgumentParser|options\.parser)\(")

# What these take, they hand to pytest, ruff, mypy or mkdocs.
OTHERS = {"pytest", "ruff", "mypy", "mkdocs"}


class ParsedError(Exception):
    """A parser has been asked to parse."""


def modules() -> list[str]:
    """Return the modules that have a command line."""
    return [
        ".".join(path.relative_to(root).with_suffix("").parts)
        for folder, root in FOLDERS.items()
        for path in sorted((root / folder).rglob("*.py"))
        if MAKES_ONE.search(path.read_text("utf-8")) and path.name != "options.py"
    ]


def sessions() -> set[str]:
    """Return the modules that this noxfile and a project run with what a user has typed."""
    found = set(re.findall(r'"-m", "([\w.]+)"', (ROOT / "noxfile.py").read_text("utf-8")))
    return (found - OTHERS) | {f"mldock.cli.{name}" for name in COMMANDS.values()}


def parser_of(module: str) -> argparse.ArgumentParser:
    """Return the parser of a module, which is there when its command has begun."""
    taken: list[argparse.ArgumentParser] = []

    def take(parser: argparse.ArgumentParser, *_: object) -> None:
        taken.append(parser)
        raise ParsedError

    with (
        mock.patch.object(argparse.ArgumentParser, "parse_args", take),
        mock.patch.object(argparse.ArgumentParser, "parse_known_args", take),
    ):
        imported = importlib.import_module(module)
        try:
            imported.main()
        except ParsedError:
            return taken[0]
    raise AssertionError(f"{module} parses nothing")


def walk(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those of its commands, however deep."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from walk(command)
