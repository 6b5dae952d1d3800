"""Compare the last runs: a table of hyperparameters and metrics, and the last one's report."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import textwrap
import webbrowser
from pathlib import Path

from mldock.cli import options
from mldock.cli.channels import ENVIRONMENT, channels_of
from mldock.cli.plot import plot
from mldock.cli.table import plain, table, terminal_width
from mldock.cli.workspace import staged_project
from mldock.errors import telling
from mldock.logs import redact
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
    place = arguments.place or (remote_of(arguments) if arguments.stage else None)
    runs = fetch_runs(place) if place else read_runs(ENVIRONMENT.output_data_dir / "runs")
    whose = ""
    if arguments.stage and not place:
        if runs and (last := runs[-1].start.stage) != arguments.stage:
            whose = f", which had {f'the stage {last}' if last else 'no stage'},"
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
    tell_report(place, whose, may_open=not arguments.no_open)
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
            run.outcome,
            f"{run.end.seconds:.1f}" if run.end else "",
            *(text_of(run.start.hyperparameters, name) for name in hyperparameters),
            *(number(run.last.get(name)) for name in metrics),
        ]
        for run in runs
    ]
    head = ["start", "stage", "outcome", "seconds", *hyperparameters, *metrics]
    print(table(head, rows, width))
    for run in runs:
        if run.end and run.end.reason:
            reason = f"{run.title} {run.outcome}: {plain(first_line(run.end.reason))}"
            print(f"\n{textwrap.shorten(reason, width, placeholder=' ...')}")
    for run in runs:
        if run.damaged:
            lines = "1 line is" if run.damaged == 1 else f"{run.damaged} lines are"
            print(f"\n{run.title}: {lines} damaged and left out, of {run.name}.jsonl.")


def tell_report(place: str | None, whose: str, may_open: bool) -> None:
    """Say where the report of the last run lies, and open it if a person sits here."""
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
    """Say whether a person sits at a screen; else a browser of the terminal could be started."""
    if os.environ.get("CI"):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return any(map(os.environ.get, ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")))


def first_line(text: str) -> str:
    """Return the first line of a text that has words in it."""
    return next((line for line in text.splitlines() if line.strip()), "")
