"""What a run has measured: lines for people and for SageMaker, and a file that lasts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from container.lifecycle import ContainerError, report_metric
from tests.runtime.workspace import Workspace

MEASURES = """
from container.lifecycle import report_metric

for step in range(3):
    report_metric("train_loss", 1 / (step + 1), step)
report_metric("accuracy", 0.958)
{end}
"""


def lines(workspace: Workspace) -> list[dict[str, object]]:
    """Return the lines of the only run."""
    (path,) = (workspace.base_dir / "output" / "data" / "runs").iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z\.jsonl", path.name)
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_regex_of_sagemaker_reads_it(workspace: Workspace) -> None:
    """A metric definition of a training job finds each value in the log."""
    workspace.write_trainer(MEASURES.format(end=""))
    # The level of the log has no say in it.
    run = workspace.train(MLDOCK_LOGS_LEVEL="ERROR")

    assert re.findall(r"train_loss=([^;]+);", run.log) == ["1", "0.5", "0.333333"]
    assert re.findall(r"accuracy=([^;]+);", run.log) == ["0.958"]
    assert "metric: train_loss=0.5; step=1;" in run.log


@pytest.mark.parametrize(
    ("end", "outcome", "reason"),
    [("", "completed", None), ("raise ValueError('NaN')", "failed", "ValueError: NaN")],
)
def test_file_of_a_run(workspace: Workspace, end: str, outcome: str, reason: str | None) -> None:
    """It says what the run was given, what it measured, and how it ended."""
    workspace.write("mldock.json", '{"image_name": "test", "stages": {"dev": {}}}')
    workspace.write_trainer(MEASURES.format(end=end))
    workspace.train(MLDOCK_STAGE="dev", MLDOCK_HYPERPARAMETERS='{"epochs": 7}')

    first, *metrics, last = lines(workspace)

    assert first == {
        "project": "test",
        "version": "0.1.0",
        "commit": None,
        "stage": "dev",
        "hyperparameters": {"epochs": 7},
    }
    assert [(line["metric"], line["value"], line["step"]) for line in metrics] == [
        ("train_loss", 1.0, 0),
        ("train_loss", 0.5, 1),
        ("train_loss", 1 / 3, 2),
        ("accuracy", 0.958, None),
    ]
    assert (last["outcome"], last["reason"]) == (outcome, reason)


def test_file_is_uploaded(workspace: Workspace, kept: Path) -> None:
    """Runs gather where the output channel leads, since none overwrites another."""
    workspace.write_trainer(MEASURES.format(end=""))
    for _ in range(2):
        workspace.train(MLDOCK_OUTPUT_CHANNEL_DATA=str(kept))

    files = list((kept / "runs").iterdir())
    assert len(files) == 2
    assert all('"outcome": "completed"' in path.read_text() for path in files)


def test_outside_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """In a test or a notebook there is the line, and no file."""
    report_metric("loss", 0.25, 3)

    assert capsys.readouterr().out == "metric: loss=0.25; step=3;\n"


@pytest.mark.parametrize("name", ["", "a;b", "a=b", "a\nb"])
def test_name_that_breaks_the_line(name: str) -> None:
    """A name that a regex could not tell from the rest is refused."""
    with pytest.raises(ContainerError, match="is no name of a metric"):
        report_metric(name, 1.0)


def test_values_that_are_no_numbers(workspace: Workspace) -> None:
    """A loss that is not a number any more is told too, in valid JSON."""
    workspace.write_trainer(
        "from container.lifecycle import report_metric\nreport_metric('l', float('nan'))"
    )
    run = workspace.train()

    assert "metric: l=nan;" in run.log
    assert lines(workspace)[1]["value"] is None
