"""The results as tables in Markdown: medians of the rounds, and how far these lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.serving import aims
from benchmarks.serving.contenders import CONTENDERS, OURS
from benchmarks.serving.load import SHAPES, Shape
from benchmarks.serving.models import TITLES
from benchmarks.serving.results import Results, Spread
from benchmarks.serving.visit import Visit


def report(visits: Sequence[Visit], absent: Mapping[str, Mapping[str, str]]) -> str:
    """Return all tables."""
    parts = []
    for model, title in TITLES.items():
        results = Results(model, visits)
        if results.contenders:
            measured = {one.shape for visit in results.visits for one in visit.measurements}
            parts.append(f"### {title}\n")
            parts += [of_shape(results, shape) for shape in SHAPES if shape.name in measured]
            parts.append(of_visits(results))
            if any(one.environment for one in results.contenders):
                parts.append(aims.table(results))
        if missing := left_out(absent.get(model, {})):
            parts.append(f"Left out with the {model} model:\n\n{missing}")
    return "\n".join(parts)


def of_shape(results: Results, shape: Shape) -> str:
    """Return the table of a shape."""
    lines = [
        f"| {shape.title} | requests/s | least to most | CPU-ms | p50 ms | p99 ms "
        "| ours / it | CPU, it / ours |",
        "| :-- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for contender in results.contenders:
        name = contender.name
        rate, cpu, p50, p99 = (
            results.spread(name, shape.name, field) for field in ("rate", "cpu", "p50", "p99")
        )
        ratio = cpu_ratio = None
        if contender is not OURS:
            ratio = results.ratio(name, shape.name, "rate")
            cpu_ratio = results.ratio(name, shape.name, "cpu", inverse=True)
        cells = [
            contender.title,
            results.fault(name, shape.name) or text(rate, ",.0f"),
            extent(rate, ",.0f"),
            text(cpu, ".3f"),
            text(p50, ".2f"),
            text(p99, ".2f"),
            text(ratio, ".2f"),
            text(cpu_ratio, ".2f"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def of_visits(results: Results) -> str:
    """Return the table of what is not of a shape."""
    lines = [
        "| | seconds to ready | least to most | MB | least to most "
        "| ready, ours / it | MB, ours / it |",
        "| :-- | --: | --: | --: | --: | --: | --: |",
    ]
    for contender in results.contenders:
        name = contender.name
        ready = results.spread(name, "", "ready")
        memory = results.spread(name, "", "memory")
        is_peer = contender is not OURS
        cells = [
            contender.title,
            results.fault(name, "") or text(ready, ".2f"),
            extent(ready, ".2f"),
            text(memory, ".0f", 1e6),
            extent(memory, ".0f", 1e6),
            text(results.ratio(name, "", "ready") if is_peer else None, ".2f"),
            text(results.ratio(name, "", "memory") if is_peer else None, ".2f"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def left_out(absent: Mapping[str, str]) -> str:
    """Return who took no part, and why."""
    titles = {one.name: one.title for one in CONTENDERS}
    # A reason may be the end of a log; its last line says the most.
    return "".join(f"- {titles[name]}: {why.splitlines()[-1]}\n" for name, why in absent.items())


def text(spread: Spread | None, form: str, unit: float = 1) -> str:
    """Return the median."""
    return format(spread.median / unit, form) if spread else ""


def extent(spread: Spread | None, form: str, unit: float = 1) -> str:
    """Return the least and the most."""
    if not spread:
        return ""
    return f"{spread.least / unit:{form}} to {spread.most / unit:{form}}"
