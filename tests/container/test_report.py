"""`nox -s report`: the runs of this machine, or of another place, side by side."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.container.s3 import serving
from tests.project import Project, generate

FIRST = "20260102T030405.000001Z"
SECOND = "20260102T040506.000001Z"
THIRD = "20260103T000000.000001Z-algo-2"

RUNS: dict[str, list[Mapping[str, object]]] = {
    FIRST: [
        {"run": FIRST, "stage": None, "hyperparameters": {"epochs": 3, "lr": 0.5}},
        {"metric": "loss", "value": 0.75, "step": 1, "time": 1.0},
        {"metric": "loss", "value": 0.5, "step": 2, "time": 2.0},
        {"metric": "accuracy", "value": 0.9333333333, "step": None, "time": 3.0},
        {"outcome": "completed", "seconds": 12.345, "reason": None},
    ],
    SECOND: [
        {"stage": "dev", "hyperparameters": {"epochs": 3, "layers": [8, 8]}},
        {"metric": "loss", "value": None, "step": 1, "time": 1.0},
        {"outcome": "failed", "seconds": 1, "reason": "\nValueError: loss is nan\n  at line 3"},
    ],
    THIRD: [{"run": THIRD, "stage": "dev", "hyperparameters": {"epochs": 1}}],
}

TABLE = """\
start                       stage  outcome     seconds  epochs  lr   layers  loss  accuracy
2026-01-02 03:04:05                completed   12.3     3       0.5          0.5   0.933333
2026-01-02 04:05:06         dev    failed      1.0      3            [8, 8]  nan
2026-01-03 00:00:00 algo-2  dev    unfinished           1

2026-01-02 04:05:06 failed: ValueError: loss is nan
"""


def write(folder: Path) -> None:
    """Write the files of the runs."""
    folder.mkdir(parents=True)
    for name, lines in RUNS.items():
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")


def call(project: Project, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run what the session runs."""
    paths = os.pathsep.join([str(project.path), str(project.path / "src")])
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    variables = {"TZ": "UTC", "COLUMNS": "200", **options.pop("variables", {})}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options}
    return subprocess.run(
        [sys.executable, "-m", "mldock", "report", *arguments],
        cwd=project.path,
        env={**kept, "PYTHONPATH": paths, **variables},
        text=True,
        timeout=300,
        **options,
    )


def report(project: Project, *arguments: str, **variables: str) -> str:
    """Run the session, which succeeds, and return what it prints."""
    result = call(project, *arguments, variables=variables)
    assert result.returncode == 0, result.stdout
    assert "Traceback" not in result.stdout
    return result.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project that can reach S3."""
    return generate(tmp_path_factory.mktemp("report") / "iris", template="generic", storage="s3")


@pytest.fixture
def project(made: Project) -> Iterator[Project]:
    """Return the project; after the test it has no runs."""
    before = (made.path / "mldock.json").read_bytes()
    yield made
    shutil.rmtree(made.path / ".mldock", ignore_errors=True)
    (made.path / "mldock.json").write_bytes(before)


@pytest.fixture
def runs(project: Project) -> Path:
    """Return the folder of the runs of this machine."""
    folder = project.path / ".mldock/output/data/runs"
    write(folder)
    return folder


@pytest.mark.usefixtures("runs")
def test_table(project: Project) -> None:
    """A line is a run, the newest last, with the time of the machine; `--last` shows some."""
    told = report(project)
    assert TABLE in told
    assert "No run has left a report yet. The next one does: nox -s train\n" in told

    lines = report(project, "--last", "1", TZ="XYZ-5").splitlines()
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("start")) :]
    assert table[0].split() == ["start", "stage", "outcome", "seconds", "epochs"]
    assert [line for line in table if line.startswith("2026")] == [table[1]]
    assert "2026-01-03 05:00:00" in table[1]


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


def test_serving(project: Project, runs: Path) -> None:
    """How the model of the last run is served is a line below the table."""
    with (runs / f"{THIRD}.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"topic": "model", "remark": "model.onnx is served: it answers"}\n')
        file.write('{"topic": "batching", "remark": "requests are answered one by one: why"}\n')

    assert (
        "2026-01-03 00:00:00 algo-2: model.onnx is served: it answers; "
        "requests are answered one by one: why\n"
    ) in report(project)


def test_no_runs(project: Project) -> None:
    """One line says how to make a run."""
    assert "There is no run. Make one: nox -s train\n" in report(project)
    told = report(project, "--stage", "test")
    assert "no run of the stage test. Make one: nox -s train -- --stage test\n" in told


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--last", "0"], 2, "'0' is not a number of runs. Use 1 or more"),
        (["--plot", "a.txt"], 2, "'a.txt' must end in .svg or .png"),
        (["--stage", "dev", "--from", "x"], 2, "not allowed with argument"),
        (["--from", "ftp://x"], 1, "Runs of ftp://x/runs: no platform moves ftp://."),
        (["--plot", "a.svg", "--last", "1"], 1, "No metric of these runs has steps to plot."),
    ],
)
@pytest.mark.usefixtures("runs")
def test_message(project: Project, arguments: list[str], code: int, message: str) -> None:
    """A mistake is told with what to do."""
    result = call(project, *arguments)

    assert message in result.stdout
    assert result.returncode == code
    assert "Traceback" not in result.stdout
    assert not (project.path / "a.svg").exists()


@pytest.mark.usefixtures("runs")
def test_elsewhere(project: Project, tmp_path: Path) -> None:
    """A stage has its runs among others; those of another folder are shown instead of these."""
    write(tmp_path / "runs")
    (tmp_path / "runs" / f"{FIRST}.jsonl").unlink()
    (tmp_path / "report.html").touch()

    for place in (["--stage", "dev"], ["--from", str(tmp_path)], ["--from", tmp_path.as_uri()]):
        output = report(project, *place)
        assert "2026-01-02 04:05:06" in output
        assert "2026-01-02 03:04:05" not in output
    assert f"The report of the last run is {tmp_path}/report.html." in output


def test_stage_on_s3(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.usefixtures("runs")
def test_plot(project: Project, tmp_path: Path) -> None:
    """The metrics with steps are drawn, where matplotlib is: beside this test, not in a project."""
    path = tmp_path / "metrics.svg"

    assert f"The metrics are in {path}." in report(project, "--plot", str(path))

    content = path.read_bytes()
    assert content.startswith(b"<?xml")
    assert b"<!-- loss -->" in content
    assert b"<!-- 2026-01-02 03:04:05 -->" in content
    assert b"accuracy" not in content
    result = project.nox("report", "--plot", "a.svg")
    assert "--plot needs matplotlib: add a line with matplotlib to" in result.stdout


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(("option", "opened"), [([], True), (["--no-open"], False)])
def test_opened(project: Project, tmp_path: Path, option: list[str], opened: bool) -> None:
    """On a terminal the report comes up in the browser, unless the user does not want it."""
    path = project.path / ".mldock/output/data/report.html"
    path.touch()
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    here, there = pty.openpty()
    process = call(project, *option, variables={"BROWSER": str(browser)}, stdout=there)
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
    values = dict(zip(lines[head].split(), lines[head + 1].split()[1:], strict=True))

    assert values["stage"] == "dev"
    assert values["outcome"] == "completed"
    assert values["seed"] == "7"
    assert 0.8 < float(values["accuracy"]) <= 1
    path = project.path / ".mldock/output/data/report.html"
    assert f"The report of the last run is {path}." in lines
    assert values["accuracy"] in path.read_text("utf-8")
