"""Keep what a version is worth: how much of it the tests cover, and what its model has measured."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mldock import ContainerError
from mldock.cli import options
from mldock.cli.channels import ENVIRONMENT, channels_of
from mldock.cli.environment import ROOT
from mldock.cli.registry.commits import commit
from mldock.cli.registry.names import unique_tag
from mldock.cli.report import fetch_runs, remote_of
from mldock.cli.table import table, terminal_width
from mldock.cli.workspace import BASE_DIR, staged_project
from mldock.errors import telling
from mldock.project import Project
from mldock.report.runs import Run, read_runs
from mldock.storage import Transfer, save_files

CHANNEL = "metrics"


def main() -> int:
    """Measure and keep, unless the tests fail, and send what is kept."""
    parser = options.parser("kpis", __doc__, "--stage prod --push")
    parser.add_argument("--stage", help="take the last run of a stage, and its channels (none)")
    parser.add_argument(
        "--push", action="store_true", help=f"send them to the output channel {CHANNEL!r}"
    )
    parser.add_argument(
        "--kept", action="store_true", help="measure nothing; take what an earlier call has kept"
    )
    arguments = parser.parse_args()
    project = staged_project(arguments)
    remote = remote_of_kpis(project, arguments.stage) if arguments.push else None
    path = BASE_DIR / "kpis" / f"{name_of(project)}.json"
    if not arguments.kept:
        with tempfile.TemporaryDirectory() as folder:
            if code := run_tests(Path(folder)):
                return code
            coverage = read_coverage(Path(folder))
        kpis = {"version": project.version, "commit": commit(), "time": now(), **coverage}
        keep(kpis | model_kpis(arguments), path)
    elif not path.is_file():
        raise ContainerError(f"{path} is missing. Leave out --kept to measure and keep it.")
    show(path)
    if remote:
        send(path, remote)
    return 0


def name_of(project: Project) -> str:
    """Return the version and the commit that KPIs belong to."""
    try:
        return unique_tag(project)
    except ContainerError as error:
        raise ContainerError(
            "KPIs belong to a commit, and no commit has src/, wheels/ and mldock.json as they are "
            "now. Commit them: git add, git commit."
        ) from error


def run_tests(folder: Path) -> int:
    """Run the project's own tests and have their coverage written into a folder."""
    print("Running the tests, and noting which lines they reach.", file=sys.stderr, flush=True)
    tests = ["tests", "--ignore", "tests/contract", "--quiet"]
    report = ["--cov=src", f"--cov-report=json:{folder / 'coverage.json'}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *tests, *report],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(folder / "data")},
    ).returncode


def read_coverage(folder: Path) -> dict[str, Any]:
    """Return the percentage of lines that ran, of all files that are the person's and of each."""
    report = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))
    own = {
        Path(name).as_posix(): entry["summary"]
        for name, entry in report["files"].items()
        if not Path(name).is_relative_to("src/container")
    }
    lines = sum(summary["num_statements"] for summary in own.values())
    covered = sum(summary["covered_lines"] for summary in own.values())
    files = {name: round(summary["percent_covered"], 1) for name, summary in own.items()}
    return {"coverage": {"unit": round(100 * covered / max(lines, 1), 1), "files": files}}


def model_kpis(arguments: Namespace) -> dict[str, Any]:
    """Return the metrics of the last run that was completed, and what the run was."""
    place = remote_of(arguments) if arguments.stage else None
    runs = fetch_runs(place) if place else read_runs(ENVIRONMENT.output_data_dir / "runs")
    if arguments.stage and not place:
        runs = [run for run in runs if run.start.stage == arguments.stage]
    completed = [run for run in runs if run.end and run.end.outcome == "completed"]
    if not completed:
        stage = f" -- --stage {arguments.stage}" if arguments.stage else ""
        print(f"No completed run has metrics to keep. Make one before: nox -s train{stage}")
        return {"metrics": {}, "run": None}
    run = completed[-1]
    # The file is that of the last run of all, whatever became of it.
    written = {} if place or run is not runs[-1] else read_metrics()
    return {"metrics": written | finite(run), "run": {"start": run.name, **run.start.model_dump()}}


def finite(run: Run) -> dict[str, float | None]:
    """Return the last value of each metric; one that JSON has no number for is null."""
    return {name: value if math.isfinite(value) else None for name, value in run.last.items()}


def read_metrics() -> dict[str, Any]:
    """Return what the trainer has written to `metrics.json`, if that is an object."""
    try:
        content = json.loads((ENVIRONMENT.output_data_dir / "metrics.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def keep(kpis: dict[str, Any], path: Path) -> None:
    """Write the file of the version, as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(kpis, indent=2, ensure_ascii=False)
    new = path.with_suffix(".new")
    new.write_text(f"{text}\n", encoding="utf-8")
    new.replace(path)


def show(path: Path) -> None:
    """Print the most important of what is kept."""
    kpis = json.loads(path.read_text(encoding="utf-8"))
    metrics = [[name, f"{value:.6g}"] for name, value in kpis["metrics"].items() if number(value)]
    rows = [["coverage of the tests", f"{kpis['coverage']['unit']} %"], *metrics]
    print(table([f"{kpis['version']}, commit {kpis['commit']}", ""], rows, terminal_width()))
    print(f"\nKept in {path.relative_to(ROOT)}.")


def number(value: object) -> bool:
    """Say whether a value is a number, which True is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def remote_of_kpis(project: Project, stage: str | None) -> str:
    """Return where the KPIs of all versions lie."""
    for channel in channels_of(project):
        parts = (channel.name, channel.kind, channel.direction)
        if parts == (CHANNEL, "data", "output") and channel.remote:
            return channel.remote
    at_stage = f" at the stage {stage!r}" if stage else ""
    option = f" --stage {stage}" if stage else ""
    raise ContainerError(
        f"mldock.json has no output channel {CHANNEL!r} with a remote{at_stage}. Add one: "
        f"nox -s data -- add {CHANNEL} s3://BUCKET/{CHANNEL} --output{option}"
    )


def send(path: Path, remote: str) -> None:
    """Store the file under its own name, which no other commit has, beside those of others."""
    with telling(f"The KPIs for {remote}"):
        save_files(Transfer(ENVIRONMENT.store_of(remote), "KPIs"), path.parent, [path])
    print(f"Stored at {remote.rstrip('/')}/{path.name}.")


def now() -> str:
    """Return the time of this moment, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
