"""A training job ends with the report, whatever becomes of it."""

from __future__ import annotations

from pathlib import Path

from tests.mldock.workspace import Workspace

TRAINER = """
from mldock import report_classification, log_metric

log_metric("accuracy", 0.75)
report_classification(["a", "b"], ["a", "b"], [0.1, 0.9])
"""


def report(folder: Path) -> str:
    """Return the report of a folder."""
    return (folder / "report.html").read_text("utf-8")


def test_runs(workspace: Workspace) -> None:
    """The log says where the report is; the next run compares, and a failed one has its reason."""
    kept = workspace.path / "kept"
    workspace.write_trainer(TRAINER)
    first = workspace.train(MLDOCK_OUTPUT_CHANNEL_DATA=str(kept), MLDOCK_STAGE="")
    path = workspace.base_dir / "output" / "data" / "report.html"

    assert f"the report is {path}\n" in first.log
    assert "completed" in report(kept)
    assert "0.75" in report(kept)
    assert "Confusion matrix" in report(kept)
    workspace.write_trainer(TRAINER + "raise ValueError('too warm')")
    second = workspace.train(
        MLDOCK_OUTPUT_CHANNEL_DATA=str(kept), MLDOCK_HYPERPARAMETERS='{"epochs": 2}'
    )
    assert second.wait() == 1
    assert "changed" in report(kept)
    assert "ValueError: too warm" in report(kept)


def test_report_that_cannot_be_written(workspace: Workspace) -> None:
    """It fails no job: one line says why, and what was there before stays."""
    place = workspace.base_dir / "output" / "data" / "report.html"
    place.mkdir(parents=True)
    workspace.write_trainer(TRAINER)
    run = workspace.train()

    assert run.wait() == 0
    assert run.log.count("WARNING train: the report was not written: IsADirectoryError") == 1
    assert "Traceback" not in run.log
    assert sorted(path.name for path in place.parent.iterdir()) == ["report.html", "runs"]
