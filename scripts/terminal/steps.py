"""The commands of the picture, and which lines of what they print it has room for."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.terminal.recording import Line, Piece, Terminal

LIMIT = 300.0
MARK = "…"
PROJECT = "myproj"


@dataclass(frozen=True)
class Step:
    """A command.

    Attributes:
        command: As a person types it, in the project's folder but for the first.
        keep: Of what it prints, the first line with each of these texts is shown; for the others
            stands a mark.
        ready: A server's last word before it waits, which then runs until `nox -s stop`.

    """

    command: str
    keep: tuple[str, ...]
    ready: str = ""


FIRST = Step(
    f"pipx run copier copy gh:org/mldock-templates {PROJECT}",
    ("🎤 What is the project", PROJECT, "🎤 Which kind", "scikit-learn: ", "is ready"),
)
STEPS = (
    Step(
        "pipx run nox -s train",
        (
            "Installing",
            "metric: accuracy",
            "metric: precision",
            "metric: recall",
            "metric: roc_auc",
            "report.html",
            "was successful",
        ),
    ),
    Step("pipx run nox -s serve", ("Serving at", "browser"), "ends it"),
    Step("pipx run nox -s predict -- payload.json", ("[{", "was successful")),
)
STOP = "pipx run nox -s stop"


def perform(
    folder: Path, variables: Mapping[str, str], steps: Sequence[Step] = STEPS
) -> list[Line]:
    """Run all of them below a folder, and return the lines of the picture."""
    tell(FIRST)
    told = shown(FIRST, run(FIRST, folder, variables))
    project = folder / PROJECT
    told.append(prompt(f"cd {PROJECT}"))
    servers = []
    try:
        for step in steps:
            tell(step)
            if step.ready:
                servers.append(Terminal(step.command, project, variables))
                told += shown(step, wait(servers[-1], step.ready))
            else:
                told += shown(step, run(step, project, variables))
    finally:
        for server in servers:
            Terminal(STOP, project, variables).finish(LIMIT)
            server.finish(LIMIT)
    return [without(str(folder), line) for line in told]


def tell(step: Step) -> None:
    """Say what is going on, which takes a minute."""
    print(f"$ {step.command}", file=sys.stderr, flush=True)


def run(step: Step, folder: Path, variables: Mapping[str, str]) -> list[Line]:
    """Run a command to its end.

    Raises:
        RuntimeError: It has failed, with what it printed.

    """
    terminal = Terminal(step.command, folder, variables)
    if code := terminal.finish(LIMIT):
        printed = "\n".join(line.text for line in terminal.lines())
        raise RuntimeError(f"{step.command} ended with {code}:\n{printed}")
    return terminal.lines()


def wait(server: Terminal, ready: str) -> list[Line]:
    """Return what a server prints until it is ready.

    Raises:
        RuntimeError: It ended before, or was not ready in time.

    """
    deadline = time.monotonic() + LIMIT
    while server.read(0.2):
        lines = server.lines()
        if any(ready in line.text for line in lines):
            return lines
        if time.monotonic() > deadline:
            break
    raise RuntimeError("\n".join(line.text for line in server.lines()))


def shown(step: Step, lines: list[Line]) -> list[Line]:
    """Return the command and the lines that are kept of it, with a mark where others were."""
    told = [prompt(f"{step.command}{' &' if step.ready else ''}")]
    awaited = list(step.keep)
    for line in lines:
        if found := [text for text in awaited if text in line.text]:
            awaited = [text for text in awaited if text not in found]
            told.append(line)
        elif line.text.strip() and told[-1].text != MARK:
            told.append(Line((Piece(MARK, "dim"),), line.moment))
    return told


def prompt(command: str) -> Line:
    """Return a command as it stands in a terminal."""
    return Line((Piece("$ ", "dim"), Piece(command, bold=True)), 0.0)


def without(home: str, line: Line) -> Line:
    """Write the folder that stood for a home as a terminal does."""
    pieces = tuple(replace(piece, text=piece.text.replace(home, "~")) for piece in line.pieces)
    return replace(line, pieces=pieces)
