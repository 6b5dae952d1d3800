"""The files of runs, `output/data/runs/*.jsonl`, read back."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

# The name of a file: when the run began, and on which of several hosts.
NAME = re.compile(r"(\d{8}T\d{6})(?:\.\d+)?Z?(?:-(.+))?")


class Start(BaseModel):
    """The first line."""

    stage: str | None = None
    hyperparameters: dict[str, Any]


class Measurement(BaseModel):
    """A line that `report_metric` writes, null for a value that is not finite."""

    metric: str
    value: float | None
    step: int | None = None

    @property
    def number(self) -> float:
        """The value, which a plot leaves out when it is not finite."""
        return math.nan if self.value is None else self.value


class End(BaseModel):
    """The last line; a run that was killed has none."""

    outcome: str
    seconds: float
    reason: str | None = None


LINE: TypeAdapter[Start | Measurement | End] = TypeAdapter(Start | Measurement | End)


@dataclass
class Run:
    """What a run's file says.

    Attributes:
        name: The name of the file, by which runs are in order of time.
        start: What it was started with.
        measurements: What it has measured, in that order.
        end: How it ended.
        damaged: How many lines cannot be read.

    """

    name: str
    start: Start
    measurements: list[Measurement] = field(default_factory=list)
    end: End | None = None
    damaged: int = 0

    @property
    def title(self) -> str:
        """When it began, in the time of this machine, and on which host."""
        known = NAME.fullmatch(self.name)
        try:
            moment = datetime.strptime(known[1] if known else "", "%Y%m%dT%H%M%S")
        except ValueError:
            return self.name
        local = moment.replace(tzinfo=timezone.utc).astimezone()
        return f"{local:%Y-%m-%d %H:%M:%S} {known[2] or '' if known else ''}".strip()

    @property
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
        else:
            run.end = line
    return run
