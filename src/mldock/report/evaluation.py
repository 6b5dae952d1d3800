"""What the report shows of a classifier: a table of its confusions, and its ROC curve."""

from __future__ import annotations

from dataclasses import dataclass

from mldock.report.charts import Chart, Line, draw
from mldock.report.runs import Classification, Run


@dataclass(frozen=True)
class ClassFigures:
    """A class, and how well it is told from the others.

    Attributes:
        name: Its name.
        rows: How many rows are of it.
        counts: What they were taken for, class by class.
        shares: The same as shares of these rows.
        recall: The share that was taken for it.
        precision: The share of what was taken for it that is of it.

    """

    name: str
    rows: int
    counts: list[int]
    shares: list[float]
    recall: float | None
    precision: float | None


@dataclass(frozen=True)
class Evaluation:
    """A classifier's held-out rows.

    Attributes:
        classes: Its classes.
        rows: How many rows there are.
        right: How many of them were taken for what they are.
        merged: How many classes the last one stands for; 0 if it is one.
        positive: The class that the curve is about.
        auc: The area below the curve.
        roc: The curve.

    """

    classes: list[ClassFigures]
    rows: int
    right: int
    merged: int
    positive: str | None
    auc: float | None
    roc: Chart | None


def evaluate(run: Run, before: Run | None) -> Evaluation | None:
    """Return what the run says of its held-out rows, if it does."""
    told = run.classification
    if not told:
        return None
    old = before.classification if before else None
    columns = [sum(column) for column in zip(*told.confusion, strict=True)]
    classes = [
        ClassFigures(
            name,
            sum(counts),
            counts,
            [count / max(sum(counts), 1) for count in counts],
            counts[place] / sum(counts) if sum(counts) else None,
            counts[place] / columns[place] if columns[place] else None,
        )
        for place, (name, counts) in enumerate(zip(told.classes, told.confusion, strict=True))
    ]
    return Evaluation(
        classes,
        rows=sum(columns),
        right=sum(counts[place] for place, counts in enumerate(told.confusion)),
        merged=told.merged + 1 if told.merged else 0,
        positive=told.positive,
        auc=told.auc,
        roc=draw_roc(told, old),
    )


def draw_roc(told: Classification, before: Classification | None) -> Chart | None:
    """Draw the curve, that of the run before, and what guessing would give."""
    if not told.roc:
        return None
    lines = [Line("guessing", [(0, 0), (1, 1)], "guess", "guessing")]
    if before and before.roc and before.positive == told.positive:
        lines.append(Line("last run", before.roc, "earlier series-1", "last run"))
    lines.append(Line("this run", told.roc, "series-1", "this run"))
    return draw("ROC curve", "share of the other class taken for it", lines, shares=True)
