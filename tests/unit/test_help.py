"""`--help` of each session says what each option does, and what counts without it."""

from __future__ import annotations

import argparse

import pytest

from tests.messages.parsers import modules, parser_of, sessions, walk

MODULES = modules()


def test_each_session_is_walked() -> None:
    """No session of a noxfile has a command line that these tests do not see."""
    packages = {name.removesuffix(".__main__").removesuffix(".command") for name in MODULES}
    assert {name.removesuffix(".__main__") for name in sessions()} <= packages
    assert len(MODULES) > 20


@pytest.mark.parametrize("module", MODULES)
def test_each_option_is_explained(module: str) -> None:
    """Each command has a description, each option a help text that names its default."""
    faults = [fault for parser in walk(parser_of(module)) for fault in faults_of(parser)]
    assert not faults


def faults_of(parser: argparse.ArgumentParser) -> list[str]:
    """Return what a person would miss in the help of a parser."""
    faults = [] if parser.description else [f"{parser.prog} has no description"]
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        name = f"{parser.prog} {'/'.join(action.option_strings) or action.metavar or action.dest}"
        if isinstance(action, argparse._SubParsersAction):
            explained = {choice.dest for choice in action._choices_actions if choice.help}
            faults += [f"{name}: {one} has no help" for one in set(action.choices) - explained]
        elif not action.help:
            faults.append(f"{name} has no help")
        # A flag is off without it; what must be given has no default.
        elif action.nargs != 0 and not action.required and not names_default(action):
            faults.append(f"{name}: the help ends without its default, such as (none)")
    return faults


def names_default(action: argparse.Action) -> bool:
    """Say whether the help ends with what counts without the option."""
    said = str(action.help).rpartition(" (")[2].removesuffix(")")
    plain = isinstance(action.default, int | float | str)
    is_named = not plain or said in (str(action.default), "%(default)s")
    return str(action.help).endswith(")") and is_named


def test_a_text_without_its_default_is_found() -> None:
    """The check can fail."""
    parser = argparse.ArgumentParser(description="An example.")
    parser.add_argument("--port", type=int, default=8080, help="where it listens (8081)")
    parser.add_argument("--plot", help="a picture")
    parser.add_argument("--fast")
    commands = parser.add_subparsers()
    commands.add_parser("go")
    assert [fault.partition(" ")[2] for fault in faults_of(parser)] == [
        "--port: the help ends without its default, such as (none)",
        "--plot: the help ends without its default, such as (none)",
        "--fast has no help",
        "==SUPPRESS==: go has no help",
    ]


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("mldock.")])
def test_examples_are_taken(module: str) -> None:
    """The examples at the end of a help text can be typed as they stand."""
    parser = parser_of(module)
    for line in (parser.epilog or "").splitlines():
        _, found, typed = line.partition(f"{parser.prog} ")
        if found and "--help" not in typed and module != "mldock.cli.build":
            parser.parse_args(typed.split())
