"""Compare the last runs: a table of their hyperparameters and metrics."""

from __future__ import annotations

import argparse
import json
import tempfile
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from container.lifecycle.errors import telling
from container.lifecycle.logs import redact
from container.lifecycle.storage.downloads import download
from tools import options
from tools.channels import ENVIRONMENT, channels_of
from tools.plot import plot
from tools.runs import Run, read_runs
from tools.table import plain, table, terminal_width
from tools.workspace import command, staged_project


def main() -> int:
    """Run the session."""
    parser = options.parser("report", __doc__)
    parser.add_argument("--last", type=count, default=10, help="how many runs to show (10)")
    parser.add_argument("--plot", type=picture, metavar="FILE", help="draw the metrics: .svg, .png")
    places = parser.add_mutually_exclusive_group()
    places.add_argument("--from", dest="place", metavar="PLACE", help="a URI or path with runs/")
    places.add_argument(
        "--stage", help="the runs of a stage; from the remote of its output channel 'data', if any"
    )
    arguments = parser.parse_args()
    place = arguments.place or (remote_of(arguments) if arguments.stage else None)
    runs = fetch_runs(place) if place else read_runs(ENVIRONMENT.output_data_dir / "runs")
    if arguments.stage and not place:
        runs = [run for run in runs if run.start.stage == arguments.stage]
    if not runs:
        stage = f" --stage {arguments.stage}" if arguments.stage else ""
        there = f" in {place}" if place else f" of the stage {arguments.stage}" if stage else ""
        told = f"There is no run{there}. Make one: nox -s train{' --' if stage else ''}{stage}"
        print(redact(told))
        return 0
    runs = runs[-arguments.last :]
    show(runs, terminal_width())
    if arguments.plot:
        plot(runs, arguments.plot)
        print(f"\nThe metrics are in {arguments.plot}.")
    return 0


def count(text: str) -> int:
    """Return a number of runs, or refuse the text."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of runs; use 1 or more")
    return int(text)


def picture(text: str) -> Path:
    """Return the path of a picture, or refuse the text."""
    if not text.endswith((".svg", ".png")):
        raise argparse.ArgumentTypeError(f"{text!r} must end in .svg or .png")
    return Path(text)


def remote_of(arguments: argparse.Namespace) -> str | None:
    """Return where the stage keeps `output/data/`, if it does."""
    channels = channels_of(staged_project(arguments))
    kept = {
        channel.name: channel.remote
        for channel in channels
        if (channel.kind, channel.direction) == ("data", "output")
    }
    return kept.get("data") or None


def fetch_runs(place: str) -> list[Run]:
    """Return the runs of another place."""
    uri = f"{place.rstrip('/')}/runs"
    with tempfile.TemporaryDirectory() as folder, telling(f"Runs of {uri}"):
        download(ENVIRONMENT.store_of(uri), Path(folder), "runs", optional=True)
        return read_runs(Path(folder))


def show(runs: list[Run], width: int) -> None:
    """Print the table, and below it what it has no room for."""
    hyperparameters = names(run.start.hyperparameters for run in runs)
    metrics = names(run.last for run in runs)
    rows = [
        [
            run.title,
            run.start.stage or "",
            run.end.outcome if run.end else "unfinished",
            f"{run.end.seconds:.1f}" if run.end else "",
            *(text_of(run.start.hyperparameters, name) for name in hyperparameters),
            *(f"{run.last[name]:.6g}" if name in run.last else "" for name in metrics),
        ]
        for run in runs
    ]
    head = ["start", "stage", "outcome", "seconds", *hyperparameters, *metrics]
    print(table(head, rows, width))
    for run in runs:
        if run.end and run.end.reason:
            reason = f"{run.title} {run.end.outcome}: {plain(first_line(run.end.reason))}"
            print(f"\n{textwrap.shorten(reason, width, placeholder=' ...')}")
    for run in runs:
        if run.damaged:
            lines = "1 line is" if run.damaged == 1 else f"{run.damaged} lines are"
            print(f"\n{run.title}: {lines} damaged and left out, of {run.name}.jsonl.")


def names(parts: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the keys of all parts, each once, as they come."""
    return list(dict.fromkeys(name for part in parts for name in part))


def text_of(values: dict[str, object], name: str) -> str:
    """Write the value of a hyperparameter; one that a run does not have is empty."""
    if name not in values:
        return ""
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def first_line(text: str) -> str:
    """Return the first line of a text that has words in it."""
    return next((line for line in text.splitlines() if line.strip()), "")


if __name__ == "__main__":
    command(main)
