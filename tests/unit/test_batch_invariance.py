"""`mldock.evaluation.batch_invariance`: whether rows may share one prediction."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mldock import ContainerError
from mldock.evaluation.batch_invariance import FILE, check_batch_invariance, is_batch_invariant
from mldock.metrics import RUN_FILE
from mldock.report.runs import read_run
from mldock.serving.service import ArrayService, ModelService
from pydantic import BaseModel

ROWS = np.random.default_rng(0).normal(size=(100, 3))


class Row(BaseModel):
    """What comes in."""

    x: list[float]


class Number(BaseModel):
    """What comes in, one number a row."""

    x: float


class Answer(BaseModel):
    """What goes out."""

    label: str
    scores: list[float]
    total: float | None = None


class Arrays(ArrayService[Row, Answer]):
    """A sum of each row, with something added that may hang on the others."""

    input_type = Row
    output_type = Answer
    dtype = np.float32

    def __init__(self, fault: str = "") -> None:
        self.fault = fault

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, features: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
        """Answer with labels, lists and numbers."""
        assert features.dtype == np.float32
        assert features.flags.c_contiguous
        total = features.sum(axis=1, dtype=np.float64)
        error = {
            "mean": features.mean(),
            "count": len(features),
            "position": np.arange(len(features)) * 1e-3,
            # Far from the rows that are asked alone.
            "late": np.arange(len(features)) // 64 * 1e-3,
            "chance": np.random.default_rng().normal(size=len(features)) * 1e-3,
            "rounding": len(features) * 1e-9,
        }.get(self.fault, 0.0)
        label = np.where(total > 0, "high", "low")
        if self.fault == "label" and len(features) == 1:
            label[total.argmax()] = "none"
        total[:2] += np.nan if self.fault == "nan" else 0
        return {"label": label, "scores": features + np.c_[error], "total": total + error}


class Rows(ModelService[Number, Answer]):
    """The same of rows of any kind, with lists of different lengths."""

    input_type, output_type, load = Number, Answer, Arrays.load
    fault = False

    def predict(self, rows: Sequence[Number]) -> list[Answer]:
        """Answer, in proportion to the largest row where that is wrong."""
        most = max(row.x for row in rows) if self.fault else 1
        return [
            Answer(label=f"{row.x > 0}", scores=[row.x / most] * (1 + (row.x > 0))) for row in rows
        ]


@pytest.mark.parametrize("fault", ["", "rounding"])
def test_independent(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """The proof is beside the model and in the report; what float32 cannot hold does not count."""
    run = tmp_path / "run.jsonl"
    monkeypatch.setenv(RUN_FILE, str(run))
    with caplog.at_level(logging.INFO):
        assert check_batch_invariance(Arrays(fault), ROWS, tmp_path)

    assert is_batch_invariant(tmp_path)
    assert json.loads((tmp_path / FILE).read_text("utf-8"))["rows"] == 100
    assert "requests that wait will share one prediction" in caplog.text
    assert read_run(run).remarks["batching"].endswith("share one prediction; 100 rows prove it")


@pytest.mark.parametrize("fault", ["mean", "count", "position", "late", "chance"])
def test_dependent(tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    """Rows that touch each other are found, and told with both answers."""
    assert not check_batch_invariance(Arrays(fault), ROWS, tmp_path)

    assert not is_batch_invariant(tmp_path)
    outcome = json.loads((tmp_path / FILE).read_text("utf-8"))
    assert re.match(r"row \d+, scores: \[", outcome["reason"])
    assert f"requests are answered one by one: {outcome['reason']}" in caplog.text


def test_dependent_label(tmp_path: Path) -> None:
    """Labels are compared exactly, and the reason names field and both values."""
    assert not check_batch_invariance(Arrays("label"), ROWS, tmp_path)

    reason = json.loads((tmp_path / FILE).read_text("utf-8"))["reason"]
    assert reason.startswith("row 1, label: '")
    assert reason.endswith("' with all the others, 'none' alone.")
    # A number is not the same as none.
    assert not check_batch_invariance(Arrays("nan"), ROWS, tmp_path)


def test_rows_of_any_kind(tmp_path: Path) -> None:
    """A model of typed rows is proved likewise, and so is one of the dependent kind."""
    rows = [Number(x=value) for value in (-1.0, 2.0, 3.0)]

    assert check_batch_invariance(Rows(), rows, tmp_path)
    assert is_batch_invariant(tmp_path)
    dependent = Rows()
    dependent.fault = True
    assert not check_batch_invariance(dependent, rows, tmp_path)
    assert not is_batch_invariant(tmp_path)


def test_too_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row proves nothing; a model that loses rows fails the training."""
    assert not check_batch_invariance(Arrays(), ROWS[:1], tmp_path)
    assert check_batch_invariance(Arrays(), ROWS[:2], tmp_path)
    monkeypatch.setattr(Arrays, "predict", lambda _self, _rows: {"total": np.zeros(3)})

    with pytest.raises(ContainerError, match="answered 100 rows with 3 total"):
        check_batch_invariance(Arrays(), ROWS, tmp_path)


class Inner(BaseModel):
    """A model in a model."""

    count: float
    score: float


class Nested(BaseModel):
    """An answer of any depth."""

    value: Any


class Nestings(ModelService[Number, Nested]):
    """A value that a batch moves a little, wrapped in something."""

    input_type, output_type, load = Number, Nested, Arrays.load

    def __init__(self, wrap: Callable[[float], Any], move: float) -> None:
        self.wrap, self.move = wrap, move

    def predict(self, rows: Sequence[Number]) -> list[Nested]:
        """Answer, off by as much as there are rows."""
        return [Nested(value=self.wrap(row.x + len(rows) * self.move)) for row in rows]


WRAPS: dict[str, Callable[[float], Any]] = {
    "dict": lambda value: {"a": value, "b": 1 - value},
    "objects": lambda value: [{"label": "a", "score": value}, {"label": "b", "score": 1.0}],
    "model": lambda value: Inner(count=1e9, score=value),
    "models": lambda value: {"one": [Inner(count=1e9, score=value)]},
    "tuple": lambda value: (1e9, value),
    "numpy": lambda value: {"scores": np.array([value, 1]), "best": np.float32(value)},
}


@pytest.mark.parametrize("wrap", WRAPS)
def test_nested(tmp_path: Path, wrap: str) -> None:
    """The tolerance reaches numbers of every depth, and is that of the place of each."""
    rows = [Number(x=value) for value in (0.25, 0.5, 0.75)]

    assert check_batch_invariance(Nestings(WRAPS[wrap], 3e-17), rows, tmp_path)
    assert check_batch_invariance(Nestings(WRAPS[wrap], 1e-7), rows, tmp_path)
    assert not check_batch_invariance(Nestings(WRAPS[wrap], 1e-3), rows, tmp_path)


def test_nearly_zero(tmp_path: Path) -> None:
    """A sum that is zero in one order and 3e-17 in the other is the same beside a one."""

    def wrap(value: float) -> dict[str, float]:
        return {"sure": 1.0, "never": value}

    rows = [Number(x=0.0), Number(x=0.0)]

    assert check_batch_invariance(Nestings(wrap, 3e-17), rows, tmp_path)
    assert not check_batch_invariance(Nestings(wrap, 1e-3), rows, tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"batch_invariant": "yes"}', "\xff"])
def test_damaged_proof(tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str) -> None:
    """A proof that cannot be read is none, and the log says so; without one all is quiet."""
    assert not is_batch_invariant(tmp_path)
    assert not caplog.text
    (tmp_path / FILE).write_bytes(content.encode("latin-1"))

    assert not is_batch_invariant(tmp_path)
    assert FILE in caplog.text
