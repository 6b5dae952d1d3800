"""The ratios to the peers as a picture: a panel for each model, a bar for each peer and shape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from benchmarks.serving.contenders import OURS
from benchmarks.serving.load import SHAPES
from benchmarks.serving.models import TITLES
from benchmarks.serving.results import Results
from benchmarks.serving.visit import Visit

HEIGHT = 0.8


def draw(visits: Sequence[Visit], path: Path) -> None:
    """Save the picture."""
    mpl.use("agg")
    all_results = [Results(model, visits) for model in TITLES]
    shown = [results for results in all_results if len(results.contenders) > 1]
    most = max((len(results.contenders) for results in shown), default=1)
    figure, panels = plt.subplots(
        1,
        max(len(shown), 1),
        figsize=(3 + 5 * max(len(shown), 1), 1.5 + 0.6 * most),
        layout="constrained",
        squeeze=False,
    )
    for axes, results in zip(panels[0], shown, strict=False):
        draw_model(axes, results)
    figure.suptitle("Requests a second as a multiple of each peer's: more than 1 is faster")
    handles, labels = panels[0][0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_model(axes: Axes, results: Results) -> None:
    """Draw the bars of one model, from the median, with a line from the least to the most."""
    peers = [one for one in results.contenders if one is not OURS]
    thickness = HEIGHT / len(SHAPES)
    for number, shape in enumerate(SHAPES):
        offset = (number - (len(SHAPES) - 1) / 2) * thickness
        for place, peer in enumerate(peers):
            ratio = results.ratio(peer.name, shape.name, "rate")
            label = shape.title if place == 0 else None
            if ratio is None:
                axes.barh(place + offset, 0, color=f"C{number}", label=label)
                # Not at zero, which no logarithmic axis has.
                if fault := results.fault(peer.name, shape.name):
                    axes.text(1, place + offset, f" {fault}", va="center", fontsize=6)
                continue
            # From 1, so that a bar to the left means slower.
            axes.barh(
                place + offset,
                ratio.median - 1,
                thickness,
                left=1,
                xerr=[[ratio.median - ratio.least], [ratio.most - ratio.median]],
                error_kw={"elinewidth": 0.8},
                color=f"C{number}",
                label=label,
            )
            axes.annotate(
                f"{ratio.median:.1f}",
                (ratio.most, place + offset),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
            )
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(peers)), [peer.title for peer in peers])
    axes.invert_yaxis()
    axes.set_title(TITLES[results.model], fontsize=10)
    # Room for the figures beside the longest bars.
    axes.set_xlim(right=1.5 * axes.get_xlim()[1])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", alpha=0.3)
