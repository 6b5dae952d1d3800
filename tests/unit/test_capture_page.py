"""What docs/capture.md says of the command is what the command does."""

from __future__ import annotations

import re

from extensions.command import parser
from extensions.decisions import parse
from tests.project import ROOT

PAGE = (ROOT / "docs" / "capture.md").read_text("utf-8")


def block(language: str) -> str:
    """Return the first block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_options() -> None:
    """The table has each option, and no other."""
    known = {option for action in parser()._actions for option in action.option_strings}

    assert set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE)) == known - {"-h", "--help"}


def test_exit_codes() -> None:
    """The table has those that the help names."""
    said = re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)

    assert said == re.findall(r"\b(\d) ", str(parser().epilog))


def test_decisions() -> None:
    """The example of a decisions file is one."""
    assert set(parse(block("yaml")).values()) == {"keep", "accept", "project_title"}


def test_six_lines() -> None:
    """From a project to another one that serves: six commands, each of which there is."""
    lines = block("console").splitlines()

    assert len(lines) == 6
    assert all(line.startswith("$ ") for line in lines)
    noxfile = (ROOT / "noxfile.py").read_text("utf-8")
    sessions = (ROOT / "templates/_shared/project/noxfile.py").read_text("utf-8")
    assert '@nox.session(name="build-template")' in noxfile
    for session in ("build", "train", "serve"):
        assert f"nox -s {session}" in "\n".join(lines)
        assert f'"{session}": "' in sessions
