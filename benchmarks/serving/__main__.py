"""Requests a second, CPU, memory and start beside peers: `nox -s bench -- serving`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.serving import environments, plot, tables
from benchmarks.serving.commands import ROOT, Place, free_port
from benchmarks.serving.contenders import BEFORE, CONTENDERS, OURS, Contender
from benchmarks.serving.load import SHAPES, Shape, require_tools
from benchmarks.serving.models import TITLES, Model, Models
from benchmarks.serving.visit import Measurement, Visit, visit


class Benchmark:
    """One model, and the contenders that serve it in turn."""

    def __init__(
        self, model: Model, before: Model | None, folder: Path, options: argparse.Namespace
    ) -> None:
        self.model, self.before = model, before
        self.folder, self.options = folder, options
        # What has left the benchmark, and why.
        self.absent: dict[str, str] = {}

    def run(
        self, contenders: Sequence[Contender], shapes: Sequence[Shape], visits: list[Visit]
    ) -> None:
        """Let the contenders take turns, so that what else the machine does meets all of them."""
        # Before the first round each is started once: files are then in memory, and compiled.
        self.take_turns(contenders, (), 0, [])
        for number in range(1, self.options.rounds + 1):
            # Nobody is always the first.
            turn = number % len(contenders)
            self.take_turns([*contenders[turn:], *contenders[:turn]], shapes, number, visits)

    def take_turns(
        self,
        contenders: Sequence[Contender],
        shapes: Sequence[Shape],
        number: int,
        visits: list[Visit],
    ) -> None:
        """Run each contender that has not failed before, and add its visit."""
        for contender in contenders:
            if contender.name in self.absent:
                continue
            try:
                place = self.place(contender)
                visits.append(visit(contender, place, shapes, number, self.options.seconds))
                tell(describe(visits[-1]))
            except (RuntimeError, OSError) as error:
                self.absent[contender.name] = str(error)
                tell(f"{contender.title} is left out: {error}")

    def place(self, contender: Contender) -> Place:
        """Return where a contender runs, its environment installed."""
        model = self.before if contender is BEFORE and self.before else self.model
        folder = self.folder / model.name / contender.name
        if contender.is_project:
            executables = model.project / ".venv/bin"
        else:
            executables = environments.provide(
                contender.environment,
                self.model.requirements,
                self.options.environments,
                self.options.torch_wheel,
            )
        return Place(model, executables, folder, free_port(), self.options.workers)


def describe(taken: Visit) -> str:
    """Return a line about a visit."""
    wrong = f", {taken.wrong} WRONG ANSWERS" if taken.wrong else ""
    shapes = "".join(
        f", {one.shape} {one.rate:.0f}/s {one.cpu:.2f} ms"
        + (f" {one.errors} ERRORS" if one.errors else "")
        for one in taken.measurements
    )
    start = f"{taken.model} {taken.round} {taken.contender}: ready {taken.ready:.2f} s"
    return f"{start}{wrong}{shapes}, {taken.memory / 1e6:.0f} MB"


def tell(text: str) -> None:
    """Print progress, apart from the tables."""
    print(text, file=sys.stderr, flush=True)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(prog="serving", description=__doc__)
    add = parser.add_argument
    peers = peers_of(CONTENDERS)
    shapes = [one.name for one in SHAPES]
    add("--rounds", type=int, default=5, help="of all (5)")
    add("--seconds", type=float, default=4, help="of load for each shape (4)")
    add(
        "--workers",
        type=int,
        default=len(os.sched_getaffinity(0)),
        help="of each peer (%(default)s)",
    )
    add("--model", action="append", choices=[*TITLES], help="which; repeatable (all)")
    add("--peer", action="append", choices=peers, help="which; repeatable (all)")
    add("--shape", action="append", choices=shapes, help="which; repeatable (all)")
    add(
        "--environments",
        type=Path,
        default=cache / "mldock-benchmark",
        help="kept between runs (in the cache of the user)",
    )
    add("--source", type=Path, default=ROOT, help="repository of the templates (this one)")
    add("--before", metavar="COMMIT", help="of this repository, to compare with too (none)")
    add(
        "--torch-wheel",
        type=Path,
        help="a build for the CPU, if uv does not reach its index (none)",
    )
    add("--output", type=Path, help="a file for all samples, as JSON (none)")
    add("--tables", type=Path, help="measure nothing: print the tables of such a file (none)")
    add("--plot", type=Path, help="a PNG file for a picture of the ratios (none)")
    options = parser.parse_args()
    options.environments = options.environments.absolute()
    if options.torch_wheel:
        options.torch_wheel = options.torch_wheel.absolute()
    return options


def peers_of(contenders: Sequence[Contender]) -> list[str]:
    """Return the names of those that are not of this repository."""
    return [one.name for one in contenders if not one.is_project]


def check_out(commit: str, folder: Path) -> None:
    """Make a clone of this repository at a commit; a work tree would be no repository to Copier."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "checkout", "--quiet", commit], check=True)


def measure_all(
    options: argparse.Namespace, visits: list[Visit], absent: dict[str, dict[str, str]]
) -> None:
    """Add all visits, and for each model who is absent and why."""
    shapes = [one for one in SHAPES if not options.shape or one.name in options.shape]
    with tempfile.TemporaryDirectory(prefix="mldock-benchmark-") as folder:
        models = Models(Path(folder), options.source, options.torch_wheel)
        before = Models(Path(folder) / "before", Path(folder) / "source", options.torch_wheel)
        if options.before:
            check_out(options.before, before.source)
            before.folder.mkdir()
        for name in options.model or TITLES:
            tell(f"{name}: a project is generated and trained")
            try:
                model = models.make(name)
                earlier = before.make(name) if options.before else None
            except RuntimeError as error:
                absent[name] = {OURS.name: str(error)}
                tell(f"{name} is left out: {error}")
                continue
            benchmark = Benchmark(model, earlier, Path(folder), options)
            absent[name] = benchmark.absent
            names = [OURS.name] + ([BEFORE.name] if options.before else [])
            # An earlier commit is compared with alone, unless peers are named.
            names += options.peer or ([] if options.before else peers_of(CONTENDERS))
            chosen = [one for one in CONTENDERS if one.name in names]
            benchmark.run([one for one in chosen if one.takes(name)], shapes, visits)


def main() -> None:
    """Measure, and print the tables."""
    options = read_options()
    # Who is told to stop stops the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    visits: list[Visit] = []
    absent: dict[str, dict[str, str]] = {}
    if options.tables:
        saved = json.loads(options.tables.read_text("utf-8"))
        for one in saved["visits"]:
            rows = [Measurement(**row) for row in one["measurements"]]
            visits.append(Visit(**{**one, "measurements": rows}))
        absent = saved["absent"]
    else:
        require_tools()
        try:
            measure_all(options, visits, absent)
        finally:
            # It takes long: what there is when it is stopped is kept.
            if options.output:
                content = {"visits": [asdict(one) for one in visits], "absent": absent}
                options.output.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(tables.report(visits, absent))
    if options.plot:
        plot.draw(visits, options.plot)


if __name__ == "__main__":
    main()
