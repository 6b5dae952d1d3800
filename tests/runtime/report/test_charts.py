"""Charts: whatever the numbers, they are drawn within the picture and can be read."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from container.training.report import charts
from container.training.report.charts import Line, draw

VALUES = st.one_of(st.floats(), st.just(math.nan), st.integers(0, 3).map(float))


@given(st.lists(st.lists(VALUES, max_size=8), min_size=1, max_size=4))
def test_any_numbers(series: list[list[float]]) -> None:
    """No line leaves the picture; one without a number is left out."""
    lines = [Line("x", list(enumerate(values)), "", "x") for values in series]
    chart = draw("any", "step", lines)

    drawable = [values for values in series if any(abs(value) < 1e300 for value in values)]
    assert len(chart.lines if chart else []) == len(drawable)
    for line in chart.lines if chart else []:
        assert "nan" not in line.path
        assert all(0 <= x <= charts.WIDTH and 0 <= y <= charts.HEIGHT for x, y in line.marks)


@pytest.mark.parametrize(("begin", "end"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.5)])
def test_labels_keep_apart(begin: float, end: float) -> None:
    """Lines that end at one place, wherever it is, have names that can be read."""
    lines = [Line(str(n), [(1, begin), (2, end + n / 1000)], "", "x") for n in range(4)]
    chart = draw("loss", "step", [*lines, Line("all", [(1, 0.0), (2, 1.0)], "")])

    assert chart
    heights = sorted(line.end[1] for line in chart.lines if line.line.label)
    gaps = [low - high for high, low in itertools.pairwise(heights)]
    assert min(gaps) >= charts.LINE_HEIGHT
    assert heights[-1] <= charts.HEIGHT - charts.BOTTOM


def test_long_line() -> None:
    """Of very many points some are drawn and fewer are in the table; the last is among them."""
    chart = draw("loss", "step", [Line("loss", [(n, 1 / (n + 1)) for n in range(5000)], "", "x")])

    assert chart
    assert chart.lines[0].path.count("L") == charts.MOST_POINTS - 1
    assert chart.left
    assert len(chart.rows) == charts.MOST_ROWS
    assert (chart.rows[0], chart.rows[-1]) == ((0, [1.0]), (4999, [1 / 5000]))
