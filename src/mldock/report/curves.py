"""The metrics that have steps, as charts; those of one kind share a chart."""

from __future__ import annotations

import re

from mldock.report.charts import Chart, Line, draw
from mldock.report.runs import Run

# Further lines of a chart begin with the first color again.
SERIES = 5

SEPARATOR = re.compile(r"[_:./ -]")


def draw_curves(run: Run, before: Run | None) -> list[Chart]:
    """Draw each metric that has steps, and that of the run before behind it."""
    groups: dict[str, list[str]] = {}
    for measurement in run.measurements:
        if measurement.step is not None:
            group = groups.setdefault(kind_of(measurement.metric), [])
            if measurement.metric not in group:
                group.append(measurement.metric)
    charts = (
        draw(kind, "step", lines_of(metrics, run, before)) for kind, metrics in groups.items()
    )
    return [chart for chart in charts if chart]


def kind_of(metric: str) -> str:
    """Return the last word of a name: `train_loss` and `test_loss` are losses."""
    return SEPARATOR.split(metric)[-1] or metric


def lines_of(metrics: list[str], run: Run, before: Run | None) -> list[Line]:
    """Return the lines of a chart, those of this run on top."""
    lines = []
    for number, metric in enumerate(metrics):
        style = f"series-{number % SERIES + 1}"
        if before and (earlier := before.curve(metric)):
            lines.append(Line(f"{metric}, last run", earlier, f"earlier {style}"))
        # In a chart of losses, `train_loss` is `train`.
        label = metric.removesuffix(kind_of(metric)).rstrip("_:./ -") or metric
        lines.append(Line(metric, run.curve(metric), style, label))
    return sorted(lines, key=lambda line: bool(line.label))
