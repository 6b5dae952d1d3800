"""The report as a page."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined
from mldock.environment import Environment
from mldock.logs import redact
from mldock.report import charts
from mldock.report.channels import summarize_channels
from mldock.report.comparison import (
    choose_before,
    compare_hyperparameters,
    compare_metrics,
    names,
    number,
    text_of,
    varying,
)
from mldock.report.curves import draw_curves
from mldock.report.evaluation import evaluate
from mldock.report.pictures import find_pictures
from mldock.report.runs import read_run

# This one and those before it; the larger file of an earlier run would take its time to read.
MOST_RUNS = 10
MOST_BYTES = 20_000_000


def render(environment: Environment, path: Path) -> str:
    """Return the report of the run whose file lies at `path`."""
    older = sorted(other for other in path.parent.glob("*.jsonl") if other.name < path.name)
    earlier = [
        read_run(other) for other in older[1 - MOST_RUNS :] if other.stat().st_size < MOST_BYTES
    ]
    run = read_run(path)
    before = choose_before(run, earlier)
    runs = [run, *reversed(earlier)]
    templates = Templates(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        # Names and values are what people and data say: none of it is markup.
        autoescape=True,
        finalize=without_secrets,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"size": size_of, "duration": duration_of, "number": number}
    # Before a text is cut, since half a secret is not known for one.
    templates.filters["redacted"] = redact
    return templates.get_template("report.html").render(
        hosts=environment.hosts,
        run=run,
        before=before,
        runs=runs,
        metrics=compare_metrics(run, before),
        hyperparameters=compare_hyperparameters(run, before),
        metric_names=names(other.last for other in runs),
        varying=varying(runs),
        text_of=text_of,
        evaluation=evaluate(run, before),
        curves=draw_curves(run, before),
        picture=charts,
        channels=summarize_channels(environment),
        pictures=find_pictures(environment.output_data_dir, run.began),
    )


def without_secrets(value: object) -> object:
    """Return what a template is about to write, with stars in the place of secrets."""
    # What is markup already consists of such values.
    return redact(value) if type(value) is str else value


def size_of(size: float) -> str:
    """Write a number of bytes for people: 4.2 MB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def duration_of(seconds: float) -> str:
    """Write a time for people: 1 h 5 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
