"""A picture of the samples that `nox -s bench -- transfer --output FILE` has written."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.transfer import CONTENDERS, TITLES, Sample

CASES = {
    "many-down": "Download of many small objects",
    "many-up": "Upload of many small objects",
    "one-down": "Download of one large object",
    "one-up": "Upload of one large object",
}


def draw(samples: Sequence[Sample], path: Path) -> None:
    """Save a picture with a panel for each case, and a bar for each contender."""
    figure = Figure(figsize=(10, 5.5), layout="constrained")
    for axes, (case, title) in zip(figure.subplots(2, 2).flat, CASES.items(), strict=True):
        draw_case(axes, [one for one in samples if one.case == case], title)
    figure.suptitle("Seconds that a transfer takes: less is faster")
    figure.savefig(path, dpi=120)


def draw_case(axes: Axes, samples: Sequence[Sample], title: str) -> None:
    """Draw the medians, each with a line from the least to the most."""
    for place, contender in enumerate(CONTENDERS):
        seconds = [one.wall for one in samples if one.contender == contender]
        if not seconds:
            continue
        middle = statistics.median(seconds)
        reach = [[middle - min(seconds)], [max(seconds) - middle]]
        color = "C0" if contender == "ours" else "C7"
        axes.barh(place, middle, xerr=reach, error_kw={"elinewidth": 0.8}, color=color)
        axes.annotate(
            f"{middle:.1f}",
            (max(seconds), place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_yticks(range(len(CONTENDERS)), [TITLES[name] for name in CONTENDERS])
    axes.invert_yaxis()
    axes.set_xlim(right=1.12 * axes.get_xlim()[1])
    axes.set_title(title, fontsize=10)
    axes.grid(axis="x", alpha=0.3)


def main() -> None:
    """Draw the samples of a file."""
    parser = argparse.ArgumentParser(prog="transfer_plot", description=__doc__)
    parser.add_argument("samples", type=Path, help="the file that --output has written")
    parser.add_argument("picture", type=Path, help="a PNG file")
    options = parser.parse_args()
    samples = [Sample(**one) for one in json.loads(options.samples.read_text("utf-8"))]
    draw(samples, options.picture)


if __name__ == "__main__":
    main()
