"""A quiet wait is told, in place on a terminal; colours are nowhere without being asked for."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from tests.messages.parsers import FOLDERS, ROOT, SHARED

WAIT = "from mldock.cli.environment import wait_for; raise SystemExit(wait_for('sleep', '1.4'))"
COLOUR = re.compile(r"\\(?:033|x1b)\[[^\"']*m")


def test_a_quiet_command_is_told_in_place() -> None:
    """On a terminal the seconds of a command that says nothing stand there, until it has ended."""
    reader, terminal = pty.openpty()
    result = subprocess.run([sys.executable, "-c", WAIT], cwd=SHARED, stdout=terminal, timeout=300)
    os.close(terminal)
    said = os.read(reader, 1000).decode()
    os.close(reader)
    assert result.returncode == 0
    assert re.fullmatch(r"(?:  \d s\r)+\033\[K", said), repr(said)


def test_elsewhere_nothing_is_drawn() -> None:
    """A file gets no signs for a terminal."""
    command = [sys.executable, "-c", WAIT]
    result = subprocess.run(command, cwd=SHARED, capture_output=True, text=True, timeout=300)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_colours_are_written_in_one_place() -> None:
    """Where there is a colour it is asked whether there is a terminal, and NO_COLOR."""
    found = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for folder, root in FOLDERS.items()
        if folder != "benchmarks"
        for path in (root / folder).rglob("*.py")
        if COLOUR.search(path.read_text("utf-8"))
    }
    assert list(found) == ["src/mldock/cli/output.py"]
    assert all("isatty()" in text and "NO_COLOR" in text for text in found.values())


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_colour_is_never_alone(variables: dict[str, str], coloured: bool) -> None:
    """The lines of hosts begin with their names, coloured or not, and NO_COLOR is respected."""
    write = "from mldock.cli.output import Output; Output(['one', 'two']).write('two', b'metric')"
    reader, terminal = pty.openpty()
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        [sys.executable, "-c", write],
        cwd=SHARED,
        stdout=terminal,
        env={**known, **variables},
        timeout=300,
        check=True,
    )
    os.close(terminal)
    said = os.read(reader, 1000).decode()
    os.close(reader)
    assert ("\033[33m" in said) == coloured
    assert re.sub(r"\033\[\d+m", "", said) == "two | metric\r\n"
