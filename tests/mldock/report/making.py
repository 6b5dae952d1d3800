"""Runs as a trainer leaves them, and the report of the last of them."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from mldock import Environment
from mldock.metrics import RUN_FILE
from mldock.report import write_report

Lines = Sequence[Mapping[str, object]]

COMPLETED = {"outcome": "completed", "seconds": 83.2, "reason": None}
FAILED = {"outcome": "failed", "seconds": 7500, "reason": "ValueError: <the loss> is NaN"}

BEFORE = "20260102T030405.000001Z"
NOW = "20260103T040506.000001Z"


def started(stage: str | None = None, **hyperparameters: object) -> Mapping[str, object]:
    """Return the first line of a run."""
    told = {
        "project": "flowers",
        "stage": stage,
        "version": "1.2.0",
        "commit": "0123456789ab-dirty",
    }
    return {**told, "hyperparameters": hyperparameters}


def measured(metric: str, *values: float | None) -> Lines:
    """Return the lines of a metric that has steps."""
    return [
        {"metric": metric, "value": value, "step": step, "time": 1.0}
        for step, value in enumerate(values, start=1)
    ]


def final(metric: str, value: float | None) -> Mapping[str, object]:
    """Return the line of a metric that has no steps."""
    return {"metric": metric, "value": value, "step": None, "time": 1.0}


def classified(*points: tuple[float, float]) -> Mapping[str, object]:
    """Return the line of a classifier of two classes."""
    return {
        "classes": ["benign", "malignant"],
        "confusion": [[82, 8], [3, 50]],
        "merged": 0,
        "positive": "malignant",
        "roc": [(0.0, 0.0), *points, (1.0, 1.0)],
        "auc": 0.9766,
    }


def write_run(environment: Environment, name: str, lines: Lines) -> Path:
    """Write the file of a run."""
    path = environment.output_data_dir / "runs" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def report_of(environment: Environment, *lines: Mapping[str, object]) -> str:
    """Write the report of a run with such lines, and return it."""
    path = write_run(environment, NOW, lines)
    with patch.dict(os.environ, {RUN_FILE: str(path)}):
        write_report(environment)
    return (environment.output_data_dir / "report.html").read_text("utf-8")


def text_of(page: str) -> str:
    """Return a page without the blanks that its lines begin with."""
    return " ".join(page.split())


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    (below,) = re.findall(rf"<h2 id=\"{heading}\">.*?</section>", page, re.DOTALL)
    table = re.findall(r"<tbody>.*?</tbody>", below, re.DOTALL)[0]
    return [
        [
            html.unescape(text_of(cell))
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]
