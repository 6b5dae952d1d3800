"""The aims of this repository, as ratios to the best setting of the named peers."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.serving.contenders import CONTENDERS
from benchmarks.serving.load import SHAPES
from benchmarks.serving.results import Results, Spread

SETTINGS_OF_MLSERVER = ("mlserver", "mlserver-batched")
SETTINGS_OF_OTHERS = ("bentoml", "bentoml-batched", "litserve", "litserve-batched")
ALL = tuple(one.name for one in CONTENDERS if one.environment)
TITLES = {one.name: one.title for one in CONTENDERS}


@dataclass(frozen=True)
class Aim:
    """A ratio ours / peer that is wanted.

    Attributes:
        title: What it is about.
        peers: The best of these is the measure.
        shape: The shape; empty for what is not of a shape.
        name: The field that is compared.
        wanted: The ratio for each model that has an aim.
        at_most: Whether less is better.

    """

    title: str
    peers: tuple[str, ...]
    shape: str
    name: str = "rate"
    wanted: dict[str, float] = field(default_factory=dict)
    at_most: bool = False


LIGHT = {"forest": 0.7, "logistic": 0.7}
AIMS = (
    Aim("hand-written uvicorn", ("uvicorn",), "c1", wanted={"forest": 4, "logistic": 1.1}),
    Aim("hand-written uvicorn", ("uvicorn",), "c64", wanted={"forest": 8, "logistic": 3}),
    Aim("MLServer", SETTINGS_OF_MLSERVER, "c64", wanted={"forest": 2.5, "logistic": 5}),
    Aim("BentoML, LitServe", SETTINGS_OF_OTHERS, "c64", wanted={"forest": 4, "logistic": 7}),
    Aim("every peer", ALL, "batch", wanted={"forest": 1.3, "logistic": 1.3}),
    Aim("time to ready, every peer", ALL, "", "ready", LIGHT, at_most=True),
    Aim("memory, every peer", ALL, "", "memory", LIGHT, at_most=True),
)


def table(results: Results) -> str:
    """Return the aims beside what was measured, in Markdown."""
    lines = [
        "| ours / the best of | shape | the best | aim | measured | least to most | CPU | |",
        "| :-- | :-- | :-- | --: | --: | --: | --: | :-- |",
    ]
    shapes = {shape.name: shape.title for shape in SHAPES}
    for aim in AIMS:
        peer = results.best_peer(aim.peers, aim.shape, aim.name, least=aim.at_most)
        ratio = results.ratio(peer, aim.shape, aim.name) if peer else None
        wanted = aim.wanted.get(results.model)
        cpu = None
        if peer and aim.shape:
            cpu = results.ratio(peer, aim.shape, "cpu", inverse=True)
        cells = [
            aim.title,
            shapes.get(aim.shape, ""),
            TITLES[peer] if peer else "",
            f"{'at most ' if aim.at_most else ''}{wanted:g}" if wanted else "",
            f"{ratio.median:.2f}" if ratio else "not measured, or void",
            f"{ratio.least:.2f} to {ratio.most:.2f}" if ratio else "",
            f"{cpu.median:.2f}" if cpu else "",
            verdict(aim, wanted, ratio),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def verdict(aim: Aim, wanted: float | None, ratio: Spread | None) -> str:
    """Say whether an aim is reached, by the median."""
    if not wanted or not ratio:
        return ""
    reached = ratio.median <= wanted if aim.at_most else ratio.median >= wanted
    return "reached" if reached else "missed"
