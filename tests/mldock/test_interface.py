"""The file that stands in for mldock: what old code finds under its names."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from extensions.converting.project.src.legacy import mldock


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let it find a container of its own, in a process with a command line."""
    monkeypatch.setenv("MLDOCK_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["trainer", "7"])
    return tmp_path


def test_directories(base: Path) -> None:
    """An argument for the base changes nothing: the platform says where it is."""
    environment = mldock.BaseEnvironment(base_dir="/opt/ml/")

    assert environment.input_data_dir == base / "input" / "data"
    assert environment.model_dir == base / "model"
    assert environment.output_data_dir == base / "output"


def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read as text, or as what their reader says; a wrong reader is named."""
    monkeypatch.setenv("MLDOCK_DEPTH", "3")
    monkeypatch.setenv("MLDOCK_SIZES", "[1, 2]")
    variables = mldock.BaseEnvironment().environment_variables

    assert variables("MLDOCK_DEPTH") == "3"
    assert variables.int("MLDOCK_DEPTH", default=1) == 3
    assert variables.json("MLDOCK_SIZES") == [1, 2]
    assert variables("MLDOCK_NONE", default=None) is None
    assert variables.str("MLDOCK_NONE", "x") == "x"
    with pytest.raises(AttributeError, match="reads no variable as 'dj_db_url'"):
        variables.dj_db_url("MLDOCK_DEPTH")


def test_trainer() -> None:
    """It is called between startup and cleanup, which runs where it fails too."""
    steps: list[Any] = []

    class Training(mldock.BaseTrainingContainer):
        def startup(self) -> None:
            steps.append("startup")

        def cleanup(self) -> None:
            steps.append("cleanup")

    container = Training(container_environment=mldock.BaseEnvironment())

    @container.wrap
    def fails(environment: object, logger: object) -> None:
        steps.append((environment, logger, list(sys.argv)))
        raise KeyError("species")

    with pytest.raises(KeyError):
        fails()

    given = (container.container_environment, container.container_logger, ["trainer"])
    assert steps == ["startup", given, "cleanup"]


def test_decorator() -> None:
    """The older decorator gives no arguments of its own."""
    wrapped = mldock.predictor(
        mldock.BaseServingContainer, mldock.BaseEnvironment(), logging.getLogger()
    )

    assert wrapped(lambda row: row + 1)(1) == 2


@pytest.mark.parametrize("answers", [np.array([1, 2]), [1, 2]])
def test_answers(answers: Any) -> None:
    """An array is a list, and a list stays one."""
    assert mldock.listed(answers) == [1, 2]
