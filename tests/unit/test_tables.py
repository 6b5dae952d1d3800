"""What the report says of the data: true, and no more work than a second or two."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mldock import Environment
from mldock.report.channels import summarize_channels
from mldock.report.tables import Table, read_tables

FLOWERS = "width,species,when\n1,rose,1 May\n4,tulip,\n,rose,2 May\n2.5,rose,3 May\n"


def table_of(tmp_path: Path, *contents: str) -> Table:
    """Return what is read of files with such contents."""
    paths = [tmp_path / f"{number:03}.csv" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content, "utf-8", newline="")
    table = read_tables(paths)
    assert table
    return table


def test_columns(tmp_path: Path) -> None:
    """Numbers have bounds and a mean, texts their most frequent values; empty cells are counted."""
    table = table_of(tmp_path, FLOWERS)
    width, species, when = table.columns

    assert (table.rows, table.width, table.whole) == (4, 3, True)
    assert (width.kind, width.missing) == ("number", 1)
    assert (width.low, width.high, width.mean) == (1, 4, 2.5)
    assert (species.kind, species.mean, species.different) == ("text", None, "2")
    assert species.frequent == [("rose", 3), ("tulip", 1)][:1]
    assert when.missing == 1
    # A text that each row has another of may be a name, and is not shown.
    names = table_of(tmp_path, "name\n" + "\n".join(f"person {n}" for n in range(30))).columns[0]
    assert (names.frequent, names.different) == ([], "30")
    # Files with the same columns are one table; others are counted.
    table = table_of(tmp_path, "a,b\n1,2\n", "a,b\n3,4\n", "c\n5\n")
    assert (table.rows, table.files, table.others, table.columns[0].mean) == (2, 2, 1, 2)


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        ("\ufeffa;b\r\n1;2,5\r\n", ["a", "b"], 1),
        ("1,2\n3,4\n", ["column 1", "column 2"], 2),
        ('a,"b\nc"\n1,2\n\n', ["a", "b\nc"], 1),
        ("a,b\n1\n1,2,3\n", ["a", "b"], 2),
    ],
)
def test_dialects(tmp_path: Path, content: str, names: list[str], rows: int) -> None:
    """Semicolons, no names, quoted ends of line and rows of another length are read."""
    table = table_of(tmp_path, content)

    assert ([column.name for column in table.columns], table.rows) == (names, rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    """Whatever is called .csv, reading it is no error."""
    path = tmp_path / "any.csv"
    path.write_bytes(content)

    read_tables([path])


def test_channel(tmp_path: Path) -> None:
    """A channel's files are counted by kind, hidden ones and pipes are none; it says from where."""
    folder = Environment(tmp_path, {}).channel_dir("training")
    folder.mkdir(parents=True)
    files = {"a.csv": b"a\n1\n", "b.png": b"12345", "c.PNG": b"1", ".hidden": b"x"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe.csv")
    variables = {"MLDOCK_INPUT_CHANNEL_TRAINING": "s3://bucket/flowers"}

    (channel,) = summarize_channels(Environment(tmp_path, variables))

    assert (channel.name, channel.remote) == ("training", "s3://bucket/flowers")
    assert (channel.files, channel.size, channel.more) == (3, 10, False)
    assert channel.kinds == [(".png", 2), (".csv", 1)]
