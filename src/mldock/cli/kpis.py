"""Record what a version is worth: the test coverage of its code and the metrics of its model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from mldock import ContainerError
from mldock.cli import options
from mldock.cli.channels import ENVIRONMENT
from mldock.cli.environment import ROOT
from mldock.cli.registry.commits import commit, revision
from mldock.cli.report import output_remote, read_stage
from mldock.cli.workspace import BASE_DIR, staged_project
from mldock.errors import error_context
from mldock.storage import Transfer, save_files
from pydantic_core import to_json


def main() -> int:
    """Measure and record, unless the tests fail, and store the file with those of others."""
    parser = options.parser("kpis", __doc__, "--stage prod --push")
    parser.add_argument("--stage", help="use the last run of a stage, and its channels (none)")
    parser.add_argument("--push", action="store_true", help="store them in the channel 'metrics'")
    parser.add_argument("--kept", action="store_true", help="use what an earlier call recorded")
    arguments = parser.parse_args()
    project = staged_project(arguments)
    remote = output_remote(project, "metrics")
    if arguments.push and not remote:
        raise ContainerError(
            "mldock.json has no output channel 'metrics' with a remote. Add one: "
            "nox -s data -- add metrics s3://BUCKET/metrics --output"
        )
    if revision().endswith("-dirty"):
        raise ContainerError("KPIs belong to a commit. Commit your changes: git add, git commit.")
    path = BASE_DIR / "kpis" / f"{project.version}-{commit()}.json"
    if not arguments.kept:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        kpis = {"version": project.version, "commit": commit(), "time": now, "coverage": coverage()}
        kpis |= last_run(arguments.stage)
        path.parent.mkdir(parents=True, exist_ok=True)
        # JSON has no number for a metric that is not finite.
        path.write_bytes(to_json(kpis, indent=2, inf_nan_mode="null"))
    elif not path.is_file():
        raise ContainerError(f"{path} is missing. Leave out --kept to measure and record it.")
    print(path.read_text(encoding="utf-8"))
    if arguments.push:
        with error_context(f"The KPIs for {remote}"):
            save_files(Transfer(ENVIRONMENT.store_of(remote), "KPIs"), path.parent, [path])
        print(f"Stored at {remote.rstrip('/')}/{path.name}.")
    return 0


def coverage() -> dict[str, Any]:
    """Return the percentage of lines that the tests reach: of your code, and of each file."""
    data, path = BASE_DIR / "coverage", BASE_DIR / "coverage.json"
    tests = ["pytest", "tests", "--ignore=tests/contract", "--quiet", "--cov=src", "--cov-report="]
    report = ["coverage", "json", "--quiet", "--omit=src/container/*", "-o", str(path)]
    environment = {**os.environ, "COVERAGE_FILE": str(data)}
    for command in (tests, report):
        if code := subprocess.call([sys.executable, "-m", *command], cwd=ROOT, env=environment):
            sys.exit(code)
    found = json.loads(path.read_bytes())
    files = {name: round(f["summary"]["percent_covered"], 1) for name, f in found["files"].items()}
    return {"unit": round(found["totals"]["percent_covered"], 1), "files": files}


def last_run(stage: str | None) -> dict[str, Any]:
    """Return the last completed run and its metrics."""
    runs = [run for run in read_stage(stage)[0] if run.outcome == "completed"]
    if not runs:
        print(f"No completed run: nox -s train{f' -- --stage {stage}' if stage else ''}")
        return {"metrics": {}, "run": None}
    run = {"start": runs[-1].name, **runs[-1].start.model_dump()}
    return {"metrics": runs[-1].last, "run": run}
