"""What a run has measured: lines that people and SageMaker's regexes read, and a file that lasts.

Each run has a file of its own, `output/data/runs/<start>.jsonl`: first its hyperparameters, then a
line a measurement, last how it ended. `nox -s report` makes a table of them.
"""

from __future__ import annotations

import json
import math
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from mldock.environment import Environment
from mldock.errors import ContainerError

# The file of the run, for the process of the trainer.
RUN_FILE = "MLDOCK_RUN_FILE"

NAME = re.compile(r"[A-Za-z0-9_:./ -]+")


def log_metric(name: str, value: float, step: int | None = None) -> None:
    """Log a metric of the run, for its report and for SageMaker's metric definitions.

    It prints `metric: accuracy=0.98; step=3;`, which a regex such as `accuracy=([^;]+);` reads, and
    adds a line to `output/data/runs/<start>.jsonl`.

    Args:
        name: Letters, digits, blanks and `_ : . / -`.
        value: A number; NaN and infinities are allowed, and have no point in the charts.
        step: The step of the training, such as the epoch. Metrics with steps get a chart.

    Raises:
        ContainerError: The name has other characters.

    """
    if not NAME.fullmatch(name):
        raise ContainerError(f"{name!r} is no name of a metric. Use letters, digits and _ : . / -")
    number = float(value)
    at_step = "" if step is None else f" step={step};"
    # Not a record of the log, whose level could silence it.
    print(f"metric: {name}={number:.6g};{at_step}", flush=True)
    note(
        {
            "metric": name,
            "value": number if math.isfinite(number) else None,
            "step": step,
            "time": time.time(),
        }
    )


def start_run(environment: Environment) -> Path:
    """Name the file of a run that starts now, and tell it the processes that this one starts."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    host = f"-{environment.current_host}" if len(environment.hosts) > 1 else ""
    path = environment.output_data_dir / "runs" / f"{moment}{host}.jsonl"
    os.environ[RUN_FILE] = str(path)
    return path


def note(line: dict[str, object]) -> None:
    """Add a line to the file of the run; outside of a run there is none."""
    if name := os.environ.get(RUN_FILE):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
