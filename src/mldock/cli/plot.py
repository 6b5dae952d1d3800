"""A picture of the metrics of several runs."""

from __future__ import annotations

import importlib
from pathlib import Path

from mldock import ContainerError
from mldock.report.runs import Run


def plot(runs: list[Run], path: Path) -> None:
    """Draw a panel for each metric that has steps, with a line for each run.

    Raises:
        ContainerError: No run has such a metric, or there is no matplotlib.

    """
    metrics = {
        measurement.metric
        for run in runs
        for measurement in run.measurements
        if measurement.step is not None
    }
    if not metrics:
        raise ContainerError(
            "No metric of these runs has steps to plot. "
            "Report one: log_metric(name, value, step=step)"
        )
    try:
        # Only some projects have it.
        figures = importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise ContainerError(
            "--plot needs matplotlib: add a line with matplotlib to requirements-dev.txt."
        ) from error
    figure = figures.Figure(figsize=(8, 3 * len(metrics)), layout="constrained")
    panels = figure.subplots(len(metrics), squeeze=False)[:, 0]
    for panel, metric in zip(panels, sorted(metrics), strict=True):
        for run in runs:
            if curve := run.curve(metric):
                # One point alone makes no line.
                panel.plot(*zip(*curve, strict=True), marker=".", label=run.title)
        panel.set(xlabel="step", ylabel=metric)
        panel.legend()
    try:
        figure.savefig(path)
    except OSError as error:
        raise ContainerError(
            f"{path} cannot be written: {error.strerror}. Name another file."
        ) from error
