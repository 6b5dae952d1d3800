"""What a run has measured: lines for people and for SageMaker, and a file that lasts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.mldock.workspace import Workspace

MEASURES = """
from mldock import log_metric

for step in range(3):
    log_metric("train_loss", 1 / (step + 1), step)
log_metric("accuracy", 0.958)
log_metric("nan", float("nan"))
{end}
"""


@pytest.mark.parametrize(
    ("end", "outcome", "reason"),
    [("", "completed", None), ("raise ValueError('NaN')", "failed", "ValueError: NaN")],
)
def test_run(workspace: Workspace, kept: Path, end: str, outcome: str, reason: str | None) -> None:
    """SageMaker's regex finds each value in the log; each run has a file of its own, kept."""
    workspace.write("mldock.json", '{"image_name": "test", "stages": {"dev": {}}}')
    workspace.write_trainer(MEASURES.format(end=end))
    variables = {"MLDOCK_STAGE": "dev", "MLDOCK_HYPERPARAMETERS": '{"epochs": 7}'}
    for _ in range(2):
        run = workspace.train(
            MLDOCK_OUTPUT_CHANNEL_DATA=str(kept), MLDOCK_LOGS_LEVEL="ERROR", **variables
        )

    assert re.findall(r"train_loss=([^;]+);", run.log) == ["1", "0.5", "0.333333"]
    assert "metric: train_loss=0.5; step=1;" in run.log
    assert "metric: nan=nan;" in run.log
    files = list((kept / "runs").iterdir())
    assert len(files) == 2
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z\.jsonl", files[0].name)
    first, *metrics, last = (json.loads(line) for line in files[0].read_text().splitlines())
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
        ("nan", None, None),
    ]
    assert (last["outcome"], last["reason"]) == (outcome, reason)
