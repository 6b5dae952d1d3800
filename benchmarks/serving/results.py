"""What the visits of one model say: values round by round, and ratios to the peers."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.serving.contenders import CONTENDERS, OURS
from benchmarks.serving.visit import Measurement, Visit


@dataclass(frozen=True)
class Spread:
    """The values of the rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The lowest value."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The highest value."""
        return max(self.values)


class Results:
    """The visits of one model.

    A shape of a contender with an error in any round is void, and so is a contender with a wrong
    answer: neither has values, nor a place in a ratio.
    """

    def __init__(self, model: str, visits: Iterable[Visit]) -> None:
        self.model = model
        self.visits = [visit for visit in visits if visit.model == model]
        present = {visit.contender for visit in self.visits}
        self.contenders = [one for one in CONTENDERS if one.name in present]

    def measurements(self, contender: str, shape: str) -> dict[int, Measurement]:
        """Return what was measured, by round."""
        return {
            visit.round: one
            for visit in self.visits
            for one in visit.measurements
            if visit.contender == contender and one.shape == shape
        }

    def fault(self, contender: str, shape: str) -> str:
        """Return why a row is void; empty if it is not."""
        if wrong := sum(one.wrong for one in self.visits if one.contender == contender):
            return f"void: {wrong} wrong answers"
        errors = sum(one.errors for one in self.measurements(contender, shape).values())
        return f"void: {errors} errors" if errors else ""

    def by_round(self, contender: str, shape: str, name: str) -> dict[int, float]:
        """Return a field of each round; nothing of a void row.

        Args:
            contender: Its name.
            shape: The name of a shape; empty for a field of the whole visit.
            name: A field of `Measurement`, or without a shape, of `Visit`.

        """
        if self.fault(contender, shape):
            return {}
        if shape:
            rows = self.measurements(contender, shape).items()
            return {number: getattr(row, name) for number, row in rows}
        own = [visit for visit in self.visits if visit.contender == contender]
        return {visit.round: getattr(visit, name) for visit in own}

    def spread(self, contender: str, shape: str, name: str) -> Spread | None:
        """Return the values of a field, or nothing of a void row."""
        values = tuple(self.by_round(contender, shape, name).values())
        return Spread(values) if values else None

    def ratio(self, peer: str, shape: str, name: str, *, inverse: bool = False) -> Spread | None:
        """Return ours / peer of each round, or peer / ours; nothing if one of them is void."""
        ours = self.by_round(OURS.name, shape, name)
        theirs = self.by_round(peer, shape, name)
        pairs = [(ours[number], theirs[number]) for number in sorted({*ours} & {*theirs})]
        if inverse:
            pairs = [(other, one) for one, other in pairs]
        values = tuple(one / other for one, other in pairs if other)
        return Spread(values) if values else None

    def best_peer(
        self, names: Sequence[str], shape: str, name: str, *, least: bool = False
    ) -> str | None:
        """Return the peer with the highest median of a field, or the lowest."""
        medians = {
            one.name: spread.median
            for one in self.contenders
            if one is not OURS
            and one.name in names
            and (spread := self.spread(one.name, shape, name))
        }
        if not medians:
            return None
        return (min if least else max)(medians, key=medians.__getitem__)
