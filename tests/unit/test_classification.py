"""What a trainer tells of held-out rows, and what of it is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mldock import ContainerError, report_classification
from mldock.metrics import RUN_FILE

Told = dict[str, Any]

ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(-5, 5)), min_size=1)


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Told]:
    """Return a function that reports, and returns the line that it wrote."""
    path = tmp_path / "run.jsonl"
    monkeypatch.setenv(RUN_FILE, str(path))

    def report(*arguments: object, **options: object) -> Told:
        path.unlink(missing_ok=True)
        report_classification(*arguments, **options)
        lines = path.read_text("utf-8").splitlines() if path.exists() else ["{}"]
        assert len(lines) == 1
        told: Told = json.loads(lines[0])
        return told

    return report


def test_counts(tell: Callable[..., Told]) -> None:
    """A row of the matrix is a class as it is, a column what it was taken for."""
    told = tell(["cat", "dog", "cat", "eel"], np.array(["cat", "cat", "cat", "dog"]))

    assert told["classes"] == ["cat", "dog", "eel"]
    assert told["confusion"] == [[2, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert "roc" not in told
    # Classes that are numbers are in the order of numbers.
    assert tell([10, 2, 1], [10, 2, 2])["classes"] == ["1", "2", "10"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(ROWS)
def test_area(tell: Callable[..., Told], rows: list[tuple[bool, bool, int]]) -> None:
    """The area is the chance that a row of the class has a higher score than one of the other."""
    actual, predicted, scores = zip(*rows, strict=True)
    told = tell(actual, predicted, scores)

    own = [score for label, score in zip(actual, scores, strict=True) if label]
    others = [score for label, score in zip(actual, scores, strict=True) if not label]
    if own and others:
        pairs = [(a > b) + (a == b) / 2 for a in own for b in others]
        assert told["auc"] == pytest.approx(sum(pairs) / len(pairs), abs=1e-4)
        assert told["roc"][0] == [0, 0]
        assert told["roc"][-1] == [1, 1]
        assert told["roc"] == sorted(told["roc"])
    else:
        assert "roc" not in told
    assert sum(map(sum, told["confusion"])) == len(rows)


def test_positive(tell: Callable[..., Told]) -> None:
    """The scores belong to the class that is named, or to the last one."""
    rows = (["no", "yes"], ["no", "yes"], [0.9, 0.1])

    assert (tell(*rows)["positive"], tell(*rows)["auc"]) == ("yes", 0)
    assert (tell(*rows, "no")["positive"], tell(*rows, "no")["auc"]) == ("no", 1)
    # A score is any number that grows with the chance of the class.
    for scores in (np.array([200, 10], "uint8"), [True, False], [Decimal(2), Decimal(1)]):
        assert tell(*rows[:2], scores, "no")["auc"] == 1


def test_no_row_is_kept(tell: Callable[..., Told]) -> None:
    """Of many rows the file has counts, and a curve of few points that is still the curve."""
    generator = np.random.default_rng(0)
    actual = generator.random(20_000) < 0.3
    scores = actual + generator.normal(size=20_000)
    told = tell(actual, scores > 0.5, scores)

    assert len(json.dumps(told)) < 6000
    assert len(told["roc"]) == 200
    points = np.array(told["roc"])
    drawn = np.trapezoid(points[:, 1], points[:, 0])
    assert drawn == pytest.approx(told["auc"], abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a", "b"], ["a", "b"], ["low", "high"]), "scores that are no numbers: .*'low'"),
        ((["a"], ["a", "b"]), "given 1 rows and 2 predictions. Give it as many of both"),
        ((["a", "b"], ["a", "b"], [1]), "given 2 rows and 1 scores. Give it one score for each"),
        ((["a", "b"], ["a", "b"], [1, 2], "c"), r"of the class 'c'; there is: \['a', 'b'\]"),
    ],
)
def test_mistake(tell: Callable[..., Told], arguments: tuple[object, ...], message: str) -> None:
    """What cannot belong together is refused."""
    with pytest.raises(ContainerError, match=message):
        tell(*arguments)


def test_data_that_show_nothing(
    tell: Callable[..., Told], caplog: pytest.LogCaptureFixture
) -> None:
    """That data are such is no reason to lose the model: the log says it."""
    assert tell([], []) == {}
    assert "roc" not in tell(["a", "b"], ["a", "b"], [1, np.nan])
    assert "was given no rows" in caplog.text
    assert "no ROC curve" in caplog.text
