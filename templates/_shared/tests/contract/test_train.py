"""A training job: its exit code, its model and its failure file."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from tests.contract.conftest import executor


def test_success_saves_a_model_and_no_failure(trained: Path) -> None:
    """A job that succeeds leaves a model, and nothing that says otherwise."""
    assert any((trained / "model").iterdir())
    assert not (trained / "output" / "failure").exists()


def test_unknown_hyperparameter_is_named(base_dir: Path) -> None:
    """A misspelt hyperparameter ends the job; the failure file names it."""
    with executor("train", base_dir, MLDOCK_HYPERPARAMETERS='{"epoch5": 3}') as process:
        assert "'epoch5'" in process.communicate()[1]

    assert process.returncode == 1
    assert "'epoch5'" in (base_dir / "output" / "failure").read_text(encoding="utf-8")


def test_missing_channel_is_named(base_dir: Path) -> None:
    """Without its data the job fails, and says which channel is missing."""
    shutil.rmtree(base_dir / "input" / "data")
    with executor("train", base_dir) as process:
        process.communicate()

    assert process.returncode == 1
    failure = (base_dir / "output" / "failure").read_text(encoding="utf-8")
    assert failure.startswith("There is no channel")


def test_sigterm_ends_the_job_in_order(base_dir: Path) -> None:
    """A job that is asked to stop ends with exit code 0."""
    with executor("train", base_dir) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "hyperparameters:" in line:
                break
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert process.returncode == 0
