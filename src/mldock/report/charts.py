"""Charts of lines, as the template draws them: everything is in the coordinates of the picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Point = tuple[float, float]

WIDTH, HEIGHT = 400, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 88, 12, 42

# More are not seen; a line has a mark at each point if there are few.
MOST_POINTS = 300
MARKED_POINTS = 30
MOST_ROWS = 50

# Between the labels of two lines.
LINE_HEIGHT = 15


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Attributes:
        name: What it is.
        points: Where it goes; it is broken where a number is not finite.
        style: The class by which the template draws it.
        label: What stands at its end; nothing stands there if it is empty.

    """

    name: str
    points: Sequence[Point]
    style: str
    label: str = ""


@dataclass(frozen=True)
class Drawn:
    """A line in the coordinates of the picture."""

    line: Line
    path: str
    marks: list[Point]
    end: Point


@dataclass(frozen=True)
class Tick:
    """A number at an axis."""

    place: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        title: Its heading, and what it is about in words.
        x_name: What its horizontal axis is.
        names: Those of all lines, in the order of the table's columns.
        lines: Its lines.
        x_ticks: Numbers at the horizontal axis.
        y_ticks: Numbers at the vertical axis.
        rows: The same as a table: a number of the horizontal axis, and the value of each line.
        left: Whether points were left out of that table.

    """

    title: str
    x_name: str
    names: list[str]
    lines: list[Drawn]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    rows: list[tuple[float, list[float | None]]]
    left: bool


def draw(title: str, x_name: str, lines: list[Line], shares: bool = False) -> Chart | None:
    """Draw lines into one chart; None if there is nothing to draw.

    Of `shares`, both axes go from 0 to 1; else the horizontal one has whole numbers.
    """
    finite = [point for line in lines for point in line.points if drawable(point)]
    if not finite:
        return None
    x_values = [0.0, 1.0] if shares else [x for x, _ in finite]
    x_ticks = [x for x in nice(x_values) if shares or x.is_integer()]
    y_ticks = nice([0.0, 1.0] if shares else [y for _, y in finite])
    x_low, x_high = widen(x_values)
    y_low, y_high = y_ticks[0], y_ticks[-1]

    def place(point: Point) -> Point:
        x = LEFT + (point[0] - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - (point[1] - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    drawn = []
    for line in lines:
        points = thin(line.points, MOST_POINTS)
        placed = [place(point) if drawable(point) else None for point in points]
        there = [point for point in placed if point]
        if there:
            marks = there if len(there) <= MARKED_POINTS else []
            drawn.append(Drawn(line, path_of(placed), marks, there[-1]))
    steps = sorted({x for line in lines for x, _ in line.points})
    shown = thin(steps, MOST_ROWS)
    values = [dict(line.points) for line in lines]
    return Chart(
        title,
        x_name,
        [line.name for line in lines],
        spread(drawn),
        [Tick(place((x, y_low))[0], f"{x:.6g}") for x in x_ticks if x_low <= x <= x_high],
        [Tick(place((x_low, y))[1], f"{y:.4g}") for y in y_ticks],
        [(step, [value.get(step) for value in values]) for step in shown],
        len(shown) < len(steps),
    )


def drawable(point: Point) -> bool:
    """Say whether there is a place for a point; not a number has none."""
    return abs(point[1]) < 1e300


def path_of(points: Iterable[Point | None]) -> str:
    """Write a line as a path of SVG; where there is no point it is broken."""
    parts, command = [], "M"
    for point in points:
        if point:
            parts.append(f"{command}{point[0]:g} {point[1]:g}")
        command = "L" if point else "M"
    return "".join(parts)


def spread(lines: list[Drawn]) -> list[Drawn]:
    """Move the labels at the ends of lines apart, so that each can be read."""
    result, lowest = [], float(TOP - LINE_HEIGHT)
    named = sorted((line for line in lines if line.line.label), key=lambda line: line.end[1])
    for number, line in enumerate(named):
        room = (len(named) - number - 1) * LINE_HEIGHT
        lowest = max(min(line.end[1], HEIGHT - BOTTOM - room), lowest + LINE_HEIGHT)
        result.append(Drawn(line.line, line.path, line.marks, (WIDTH - RIGHT + 8, lowest)))
    return [line for line in lines if not line.line.label] + result


def thin(items: Sequence[T], most: int) -> list[T]:
    """Return at most so many items, evenly, with the first and the last."""
    if len(items) <= most:
        return list(items)
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def widen(values: list[float]) -> tuple[float, float]:
    """Return the smallest and the largest value, apart from each other."""
    low, high = min(values), max(values)
    largest = max(abs(low), abs(high))
    if high - low > largest * 1e-6:
        return low, high
    margin = largest / 10 or 0.5
    return low - margin, high + margin


def nice(values: list[float]) -> list[float]:
    """Return round numbers that enclose all values, five or so."""
    low, high = widen(values)
    rough = (high - low) / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]
