"""The files of runs, `output/data/runs/*.jsonl`, read back."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

# The name of a file: when the run began, and on which of several hosts.
NAME = re.compile(r"(\d{8}T\d{6})(?:\.\d+)?Z?(?:-(.+))?")


class Start(BaseModel):
    """The first line."""

    project: str | None = None
    stage: str | None = None
    version: str | None = None
    commit: str | None = None
    hyperparameters: dict[str, Any]


class Measurement(BaseModel):
    """A line that `log_metric` writes, null for a value that is not finite."""

    metric: str
    value: float | None
    step: int | None = None

    @property
    def number(self) -> float:
        """The value, which a plot leaves out when it is not finite."""
        return math.nan if self.value is None else self.value


class Classification(BaseModel):
    """The line that `report_classification` writes.

    Attributes:
        classes: Their names.
        confusion: How many rows of each class, in the order of the names, were taken for each.
        merged: How many classes the last name stands for beside one, as there were too many.
        positive: The class that the curve is about.
        roc: Points of the curve: the share of the others that were taken for it, and of its own.
        auc: The area below the curve.

    """

    classes: list[str]
    confusion: list[list[int]]
    merged: int = 0
    positive: str | None = None
    roc: list[tuple[float, float]] = []
    auc: float | None = None


class Remark(BaseModel):
    """A line about the model: `model`, which of its files is served, and `batching`, and why."""

    topic: str
    remark: str


class End(BaseModel):
    """The last line; a run that was killed has none."""

    outcome: str
    seconds: float
    reason: str | None = None


Line = Start | Measurement | Classification | Remark | End
LINE: TypeAdapter[Line] = TypeAdapter(Line)


@dataclass
class Run:
    """What a run's file says.

    Attributes:
        name: The name of the file, by which runs are in order of time.
        start: What it was started with.
        measurements: What it has measured, in that order.
        classification: What it has made of held-out rows, if it is a classifier that says so.
        remarks: How it will be served, by topic.
        end: How it ended.
        damaged: How many lines cannot be read.

    """

    name: str
    start: Start
    measurements: list[Measurement] = field(default_factory=list)
    classification: Classification | None = None
    remarks: dict[str, str] = field(default_factory=dict)
    end: End | None = None
    damaged: int = 0

    @property
    def began(self) -> datetime | None:
        """When it began, in the time of this machine, if the name of its file says so."""
        known = NAME.fullmatch(self.name)
        try:
            moment = datetime.strptime(known[1] if known else "", "%Y%m%dT%H%M%S")
        except ValueError:
            return None
        return moment.replace(tzinfo=UTC).astimezone()

    @property
    def title(self) -> str:
        """When it began, and on which host."""
        known, began = NAME.fullmatch(self.name), self.began
        if not known or not began:
            return self.name
        return f"{began:%Y-%m-%d %H:%M:%S} {known[2] or ''}".strip()

    @property
    def outcome(self) -> str:
        """How it ended; a run that was killed has not told."""
        return self.end.outcome if self.end else "unfinished"

    @cached_property
    def last(self) -> dict[str, float]:
        """The last value of each metric."""
        return {measurement.metric: measurement.number for measurement in self.measurements}

    def curve(self, metric: str) -> list[tuple[int, float]]:
        """Return the values of a metric that belong to steps."""
        return [
            (measurement.step, measurement.number)
            for measurement in self.measurements
            if measurement.metric == metric and measurement.step is not None
        ]


def read_runs(folder: Path) -> list[Run]:
    """Return the runs of a folder, the newest last."""
    return [read_run(path) for path in sorted(folder.glob("*.jsonl"))]


def read_run(path: Path) -> Run:
    """Read the file of a run; a line that cannot be read is counted."""
    run = Run(path.stem, Start(hyperparameters={}))
    for text in path.read_bytes().splitlines():
        try:
            line = LINE.validate_json(text)
        except ValidationError:
            run.damaged += 1
            continue
        if isinstance(line, Start):
            run.start = line
        elif isinstance(line, Measurement):
            run.measurements.append(line)
        elif isinstance(line, Classification):
            run.classification = line
        elif isinstance(line, Remark):
            run.remarks[line.topic] = line.remark
        else:
            run.end = line
    return run
