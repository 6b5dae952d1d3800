"""Compare the last runs: a table of hyperparameters and metrics, and the last one's report."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import webbrowser
from pathlib import Path

from mldock.cli import options
from mldock.cli.channels import ENVIRONMENT
from mldock.cli.environment import ROOT
from mldock.cli.plot import plot
from mldock.cli.table import plain, print_table
from mldock.errors import error_context
from mldock.logs import redact
from mldock.project import Project, read_project
from mldock.report import NAME
from mldock.report.comparison import names, number, text_of
from mldock.report.runs import Run, read_runs
from mldock.storage import download


def main() -> int:
    """Run the session."""
    parser = options.parser("report", __doc__, "--last 3 --plot metrics.svg", "--stage prod")
    parser.add_argument("--last", type=count, default=10, help="how many runs to show (10)")
    parser.add_argument("--plot", type=picture, metavar="FILE", help="draw them: .svg, .png (none)")
    parser.add_argument(
        "--no-open", action="store_true", help="do not open the report in a browser"
    )
    places = parser.add_mutually_exclusive_group()
    places.add_argument("--from", dest="place", metavar="PLACE", help="a URI or path (.mldock/)")
    places.add_argument(
        "--stage",
        help="the runs of a stage; from its output channel 'data', if it has one (all here)",
    )
    arguments = parser.parse_args()
    if place := arguments.place:
        runs = fetch_runs(place)
    else:
        runs, place = read_stage(arguments.stage)
    if not runs:
        stage = f" --stage {arguments.stage}" if arguments.stage else ""
        there = f" in {place}" if place else f" of the stage {arguments.stage}" if stage else ""
        told = f"There is no run{there}. Make one: nox -s train{' --' if stage else ''}{stage}"
        print(redact(told))
        return 0
    runs = runs[-arguments.last :]
    show(runs)
    if arguments.plot:
        plot(runs, arguments.plot)
        print(f"\nThe metrics are in {arguments.plot}.")
    whose = " of any stage" if arguments.stage and not place else ""
    show_report(place, whose, may_open=not arguments.no_open)
    return 0


def count(text: str) -> int:
    """Return a number of runs, or refuse the text."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of runs. Use 1 or more")
    return int(text)


def picture(text: str) -> Path:
    """Return the path of a picture, or refuse the text."""
    if not text.endswith((".svg", ".png")):
        raise argparse.ArgumentTypeError(f"{text!r} must end in .svg or .png")
    return Path(text)


def read_stage(stage: str | None) -> tuple[list[Run], str | None]:
    """Return the runs of a stage, or all of this machine, and the remote that they come from."""
    project = read_project(ROOT / "mldock.json").at_stage(stage)
    if stage and (remote := output_remote(project, "data")):
        return fetch_runs(remote), remote
    runs = read_runs(ENVIRONMENT.output_data_dir / "runs")
    return [run for run in runs if stage in (None, run.start.stage)], None


def output_remote(project: Project, name: str) -> str:
    """Return the remote of an output channel for data; empty if it has none."""
    outputs = [channel for channel in project.data if channel.direction == "output"]
    return next((channel.remote or "" for channel in outputs if channel.name == name), "")


def fetch_runs(place: str) -> list[Run]:
    """Return the runs of another place."""
    uri = f"{place.rstrip('/')}/runs"
    with tempfile.TemporaryDirectory() as folder, error_context(f"Runs of {uri}"):
        download(ENVIRONMENT.store_of(uri), Path(folder), "runs", optional=True)
        return read_runs(Path(folder))


def show(runs: list[Run]) -> None:
    """Print the table, and below it what it has no room for."""
    hyperparameters = names(run.start.hyperparameters for run in runs)
    metrics = names(run.last for run in runs)
    rows = [
        [
            run.title,
            run.start.stage or "",
            run.outcome,
            f"{run.end.seconds:.1f}" if run.end else "",
            *(text_of(run.start.hyperparameters, name) for name in hyperparameters),
            *(number(run.last.get(name)) for name in metrics),
        ]
        for run in runs
    ]
    head = ["start", "stage", "outcome", "seconds", *hyperparameters, *metrics]
    print_table(head, rows)
    for run in runs:
        if run.end and run.end.reason:
            print(f"\n{run.title} {run.outcome}: {plain(first_line(run.end.reason))}")
    if remarks := runs[-1].remarks:
        print(f"\n{runs[-1].title}: {plain('; '.join(remarks.values()))}")
    for run in runs:
        if run.damaged:
            lines = "1 line is" if run.damaged == 1 else f"{run.damaged} lines are"
            print(f"\n{run.title}: {lines} damaged and left out, of {run.name}.jsonl.")


def show_report(place: str | None, whose: str, may_open: bool) -> None:
    """Print where the report of the last run is, and open it if somebody sits at a screen."""
    if place and "://" in place and not place.startswith("file://"):
        print(redact(f"\nThe report of the last run there is {place.rstrip('/')}/{NAME}."))
        return
    folder = Path(place.removeprefix("file://")) if place else ENVIRONMENT.output_data_dir
    path = folder.absolute() / NAME
    if not path.is_file():
        print("\nNo run has left a report yet. The next one does: nox -s train")
        return
    print(f"\nThe report of the last run{whose} is {path}.")
    if may_open and sys.stdout.isatty() and has_browser():
        webbrowser.open(path.as_uri())


def has_browser() -> bool:
    """Return whether there is a screen; else a browser of the terminal could be started."""
    if os.environ.get("CI"):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return any(map(os.environ.get, ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")))


def first_line(text: str) -> str:
    """Return the first line of a text that has words in it."""
    return next((line for line in text.splitlines() if line.strip()), "")
