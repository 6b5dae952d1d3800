"""`nox -s report`: the report of the last run, named and opened."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.container.runs import report, write
from tests.project import Project


@pytest.mark.usefixtures("runs")
def test_no_report_yet(project: Project, tmp_path: Path) -> None:
    """Runs of a version that wrote none have none; elsewhere it lies beside the runs."""
    assert "No run has left a report yet. The next one does: nox -s train\n" in report(project)

    write(tmp_path / "runs")
    (tmp_path / "report.html").touch()
    place = f"The report of the last run is {tmp_path}/report.html."
    assert place in report(project, "--from", str(tmp_path))
    assert place in report(project, "--from", tmp_path.as_uri())


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("option", "opened"), [([], True), (["--no-open"], False)])
def test_opened(project: Project, tmp_path: Path, option: list[str], opened: bool) -> None:
    """On a terminal the report comes up in the browser, unless the person does not want it."""
    path = project.path / ".mldock/output/data/report.html"
    path.touch()
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    root = str(project.path)
    variables = {"BROWSER": str(browser), "PYTHONPATH": os.pathsep.join([root, f"{root}/src"])}
    here, there = pty.openpty()
    process = subprocess.run(
        [sys.executable, "-m", "tools.report", *option],
        cwd=root,
        env={**{k: v for k, v in os.environ.items() if k != "CI"}, **variables},
        stdout=there,
        timeout=60,
    )
    os.close(there)
    os.close(here)

    assert process.returncode == 0
    assert (tmp_path / "opened").exists() == opened
    if opened:
        assert (tmp_path / "opened").read_text().strip() == path.as_uri()


def test_trained(project: Project) -> None:
    """What a training writes is what the session reads."""
    trained = project.nox("train", "-p", "seed", "7", "--stage", "dev")
    assert trained.returncode == 0, trained.stdout

    lines = report(project).splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("start"))
    # The date and the time are two words.
    values = dict(zip(lines[head].split(), lines[head + 2].split()[1:], strict=True))

    assert values["stage"] == "dev"
    assert values["outcome"] == "completed"
    assert values["seed"] == "7"
    assert 0.8 < float(values["accuracy"]) <= 1
    assert "damaged" not in "".join(lines)
    path = project.path / ".mldock/output/data/report.html"
    assert f"The report of the last run is {path}." in lines
    assert values["accuracy"] in path.read_text("utf-8")
