"""Runs of a training, and the table that `nox -s report` makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.project import Project

FIRST = "20260102T030405.000001Z"
SECOND = "20260102T040506.000001Z"
THIRD = "20260103T000000.000001Z-algo-2"

RUNS: dict[str, list[Mapping[str, object]]] = {
    FIRST: [
        {"run": FIRST, "stage": None, "hyperparameters": {"epochs": 3, "lr": 0.5}},
        {"metric": "loss", "value": 0.75, "step": 1, "time": 1.0},
        {"metric": "loss", "value": 0.5, "step": 2, "time": 2.0},
        {"metric": "accuracy", "value": 0.9333333333, "step": None, "time": 3.0},
        {"outcome": "completed", "seconds": 12.345, "reason": None},
    ],
    SECOND: [
        {"stage": "dev", "hyperparameters": {"epochs": 3, "layers": [8, 8]}},
        {"metric": "loss", "value": None, "step": 1, "time": 1.0},
        {"outcome": "failed", "seconds": 1, "reason": "\nValueError: loss is nan\n  at line 3"},
    ],
    THIRD: [{"run": THIRD, "stage": "dev", "hyperparameters": {"epochs": 1}}],
}

TABLE = """\
start                       stage  outcome     seconds  epochs  lr   layers  loss  accuracy
--------------------------  -----  ----------  -------  ------  ---  ------  ----  --------
2026-01-02 03:04:05                completed   12.3     3       0.5          0.5   0.933333
2026-01-02 04:05:06         dev    failed      1.0      3            [8, 8]  nan
2026-01-03 00:00:00 algo-2  dev    unfinished           1

2026-01-02 04:05:06 failed: ValueError: loss is nan
"""


def write(folder: Path) -> None:
    """Write the files of the runs."""
    folder.mkdir(parents=True)
    for name, lines in RUNS.items():
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")


def report(project: Project, *arguments: str, **variables: str) -> str:
    """Run the session, which succeeds, and return what it prints."""
    variables = {"TZ": "UTC", "COLUMNS": "200", **variables}
    result = project.nox("report", *arguments, timeout=60, **variables)
    assert result.returncode == 0, result.stdout
    assert "Traceback" not in result.stdout
    return result.stdout
