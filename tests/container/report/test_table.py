"""`nox -s report`: the runs of this machine, or of another place, side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.container.runs import FIRST, TABLE, THIRD, report, write
from tests.container.s3 import serving
from tests.project import Project


@pytest.mark.usefixtures("runs")
def test_table(project: Project) -> None:
    """A line is a run, the newest last: its start, its end, its values and last metrics."""
    assert TABLE in report(project)


@pytest.mark.usefixtures("runs")
def test_local_time(project: Project) -> None:
    """The time is that of the machine."""
    assert "2026-01-02 08:04:05" in report(project, TZ="XYZ-5")


@pytest.mark.usefixtures("runs")
def test_last(project: Project) -> None:
    """Only so many runs are shown, with the columns that they have."""
    lines = report(project, "--last", "1").splitlines()
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("start")) :]

    assert table[0].split() == ["start", "stage", "outcome", "seconds", "epochs"]
    assert [line for line in table if line.startswith("2026")] == [table[2]]
    assert "2026-01-03" in table[2]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("width", [24, 50, 80])
def test_narrow_terminal(project: Project, width: int) -> None:
    """Cells wrap and columns go below each other, and no value is lost."""
    output = report(project, COLUMNS=str(width))
    shown = output[output.index("start") : output.index("No run has left a report")]

    assert max(map(len, shown.splitlines())) <= width
    for value in ("unfinished", "0.933333", "[8, 8]", "accuracy", "12.3", "03:04:05"):
        assert value in shown


def test_damaged_lines(project: Project, runs: Path) -> None:
    """What a killed run has written in part is left out, and that is said."""
    path = runs / f"{THIRD}.jsonl"
    with path.open("ab") as file:
        file.write(b'{"metric": "loss", "value": 0.25, "step": 9}\n{"metric": "lo')
    (runs / "other.jsonl").write_bytes(b"\xff\n[]\n")

    output = report(project)

    assert "2026-01-03 00:00:00 algo-2: 1 line is damaged and left out, of " in output
    assert "other: 2 lines are damaged and left out, of other.jsonl." in output
    assert "0.25\n" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "There is no run. Make one: nox -s train\n"),
        (["--stage", "test"], "no run of the stage test. Make one: nox -s train -- --stage test\n"),
        (["--from", "nowhere"], "There is no run in nowhere. Make one: nox -s train\n"),
    ],
)
def test_no_runs(project: Project, arguments: list[str], message: str) -> None:
    """One line says how to make a run."""
    assert message in report(project, *arguments)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--last", "0"], 2, "'0' is no number of runs; use 1 or more"),
        (["--plot", "a.txt"], 2, "'a.txt' must end in .svg or .png"),
        (["--stage", "dev", "--from", "x"], 2, "not allowed with argument"),
        (["--stage", "live"], 1, "no stage 'live'; it has: dev, test, prod"),
        (["--from", "ftp://x"], 1, "Runs of ftp://x/runs: no platform moves ftp://."),
        (["--plot", "a.svg"], 1, "--plot needs matplotlib: add a line with matplotlib to"),
        (["--plot", "a.svg", "--last", "1"], 1, "No metric of these runs has steps to plot."),
    ],
)
@pytest.mark.usefixtures("runs")
def test_message(project: Project, arguments: list[str], code: int, message: str) -> None:
    """A mistake is told with what to do."""
    result = project.nox("report", *arguments)

    assert message in result.stdout
    assert result.returncode == code
    assert "Traceback" not in result.stdout
    assert not (project.path / "a.svg").exists()


@pytest.mark.usefixtures("runs")
def test_stage_here(project: Project) -> None:
    """A stage that keeps its output here has its runs here, among others."""
    output = report(project, "--stage", "dev")

    assert "2026-01-02 04:05:06" in output
    assert "2026-01-02 03:04:05" not in output


@pytest.mark.usefixtures("runs")
def test_from_a_path(project: Project, tmp_path: Path) -> None:
    """The runs of another folder are shown instead of those here."""
    write(tmp_path / "runs")
    (tmp_path / "runs" / f"{FIRST}.jsonl").unlink()

    for place in (str(tmp_path), f"{tmp_path.as_uri()}/"):
        output = report(project, "--from", place)
        assert "2026-01-02 04:05:06" in output
        assert "2026-01-02 03:04:05" not in output


def test_stage_elsewhere(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that keeps its output at a remote has its runs there."""
    write(tmp_path / "runs")
    with serving(monkeypatch) as client:
        place = ["s3://iris/output", "--output", "--stage", "prod"]
        assert project.nox("data", "add", "data", *place).returncode == 0
        assert "no run in s3://iris/output. Make one: " in report(project, "--stage", "prod")
        for path in (tmp_path / "runs").iterdir():
            client.upload_file(str(path), "iris", f"output/runs/{path.name}")
        told = report(project, "--stage", "prod")
        assert TABLE in told
        assert "The report of the last run there is s3://iris/output/report.html." in told
        assert "There is no run." in report(project)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_plot(project: Project, tmp_path: Path, suffix: str) -> None:
    """The metrics with steps are drawn, where matplotlib is: beside this test, not in a project."""
    path = tmp_path / f"metrics.{suffix}"
    root = str(project.path)
    result = subprocess.run(
        [sys.executable, "-m", "tools.report", "--plot", str(path)],
        cwd=root,
        env={**os.environ, "TZ": "UTC", "PYTHONPATH": os.pathsep.join([root, f"{root}/src"])},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode == 0, result.stderr
    assert f"The metrics are in {path}." in result.stdout
    content = path.read_bytes()
    assert content.startswith({"svg": b"<?xml", "png": b"\x89PNG"}[suffix])
    if suffix == "svg":
        assert b"<!-- loss -->" in content
        assert b"<!-- 2026-01-02 03:04:05 -->" in content
        assert b"accuracy" not in content
