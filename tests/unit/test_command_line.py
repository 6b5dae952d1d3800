"""What the commands read of their options, and how they print a table."""

from __future__ import annotations

import argparse
import io
import re
import sys

import pytest
from mldock.cli import options
from mldock.cli.table import print_table

HEAD = ["name", "place", "files"]
ROWS = [
    ["training", "s3://iris/[bold]training", "1"],
    ["labels", "data/labels of\nall \x1b[31mthe flowers/", "12"],
]


def parse(*arguments: str) -> argparse.Namespace:
    """Return what `train` and `serve` read."""
    parser = options.parser("train", "Train.")
    options.add_run_options(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "pairs"),
    [
        (["-p", "epochs=3"], [["epochs", "3"]]),
        (["-p", "epochs", "3"], [["epochs", "3"]]),
        (["-p", "a=1", "-p", "b", "2", "-p", "a=3"], [["a", "1"], ["b", "2"], ["a", "3"]]),
        (["-p", "a=1", "b=2", "--docker"], [["a", "1"], ["b", "2"]]),
        (["-p", "url=https://x?a=b"], [["url", "https://x?a=b"]]),
        (["-p", "url", "https://x?a=b"], [["url", "https://x?a=b"]]),
        (["-p", "rate", "-1", "-p", "shift=-1"], [["rate", "-1"], ["shift", "-1"]]),
        (["-p", "empty="], [["empty", ""]]),
        ([], []),
    ],
)
def test_names_and_values(arguments: list[str], pairs: list[list[str]]) -> None:
    """Both forms are taken, mixed and repeated; -p and -e are kept apart."""
    assert parse(*arguments, "-e", "A=b").hyperparameters == pairs
    assert parse(*arguments, "-e", "A=b").environment == [["A", "b"]]
    assert parse().hyperparameters == []


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["-p", "epochs"], "argument -p: 'epochs' is not NAME=VALUE"),
        (["-p", "a=1", "b", "2"], "argument -p: 'b' is not NAME=VALUE"),
        (["-e", "=3"], "argument -e: '=3' is not NAME=VALUE"),
        (["-p"], "-p NAME=VALUE"),
    ],
)
def test_other_forms(arguments: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake is told with the form that is right."""
    with pytest.raises(SystemExit, match="2"):
        parse(*arguments)

    assert fault in capsys.readouterr().err


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def printed(monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    """Return the lines of the table on a terminal, without the spaces at their ends."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(HEAD, ROWS)
    lines = re.sub(r"\x1b\[\d+m", "", terminal.getvalue()).splitlines()
    return [line.rstrip() for line in lines]


def test_table_of_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """A row is a line, however long, and no cell steers a terminal."""
    print_table(HEAD, ROWS)

    assert capsys.readouterr().out.splitlines() == [
        "name      place                                 files",
        "training  s3://iris/[bold]training              1",
        "labels    data/labels of all ?[31mthe flowers/  12",
    ]


def test_table_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as wide as the terminal; one that is too narrow has a list for each row."""
    assert printed(monkeypatch, 50) == [
        "name      place                              files",
        "training  s3://iris/[bold]training           1",
        "labels    data/labels of all ?[31mthe        12",
        "          flowers/",
    ]
    assert printed(monkeypatch, 35)[:4] == [
        "name         training",
        "place        s3://iris/[bold]training",
        "files        1",
        "",
    ]


def test_long_word_is_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a URI is left out where the column is too narrow for it."""
    monkeypatch.setattr(sys.modules[__name__], "ROWS", [["a", f"s3://{'x' * 60}/y", "1"]])

    text = "".join(line[6:54].strip() for line in printed(monkeypatch, 60)[1:])
    assert f"s3://{'x' * 60}/y" == text
