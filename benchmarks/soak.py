"""Mixed load for a long time: no wrong answer, and no more memory. `nox -s bench -- soak`."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import docker
from docker.models.containers import Container

from benchmarks.mixture import Dawdlers, Row, learn
from benchmarks.serving.process import pss, tree
from tests.client import free_port, wait_until_ready
from tests.container.conftest import Image
from tests.container.load import Load
from tests.container.messages import percentile
from tests.container.never_down import serving
from tests.project import Project, generate

# What stays below either is noise.
PART, BYTES = 0.05, 10e6
INTERVAL = 2.0

# Models of other kinds, in place of the project's own: what is added to its prediction.py.
MODELS = {
    "usual": "",
    # Not batch-invariant, so that requests wait for each other.
    "slow": """
class Slow(Service):
    def load(self, model_dir):
        super().load(model_dir)
        self.batch_invariant = False

    def predict(self, rows):
        time.sleep(0.2)
        return super().predict(rows)

Service = Slow
""",
    # Has a thread from the start, which no fork survives, and makes a child at each prediction.
    "forking": """
class Forking(Service):
    def load(self, model_dir):
        super().load(model_dir)
        self.threads = ThreadPoolExecutor(2)
        self.threads.submit(time.time).result()

    def predict(self, rows):
        subprocess.run(["true"], check=True)
        return self.threads.submit(super().predict, rows).result()

Service = Forking
""",
    "stream": """
class Stream(StreamService):
    input_type, output_type = Flower, Prediction

    def load(self, model_dir):
        self.service = PlainService()
        self.service.load(model_dir)

    def predict(self, row):
        for _ in range(5):
            yield from self.service.predict([row])

PlainService, Service = Service, Stream
""",
}
IMPORTS = """
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from mldock.serving import StreamService
"""


@dataclass(frozen=True)
class Target:
    """A server, a few rows for its model, and how many bytes of memory it takes."""

    address: tuple[str, int]
    rows: list[Row]
    memory: Callable[[], int]
    # gunicorn alone, as on a laptop, waits for a client as long as that likes.
    has_nginx: bool
    streams: bool = False


@dataclass
class Result:
    """How many answers of each kind came, what was wrong, and the bytes taken at each second."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    times: tuple[float, float] = (0, 0)

    @property
    def quarters(self) -> tuple[float, float]:
        """The median of the memory in the first and in the last quarter."""
        taken = [amount for _, amount in self.memory]
        size = max(1, len(taken) // 4)
        return statistics.median(taken[:size]), statistics.median(taken[-size:])

    @property
    def grows(self) -> bool:
        """Whether the memory has grown by more than noise."""
        first, last = self.quarters
        return last - first > max(PART * first, BYTES)

    @property
    def table(self) -> str:
        """Return what came of it, as tables in Markdown."""
        lines = ["| kind | answers |", "| :-- | --: |"]
        lines += [f"| {kind} | {count:,} |" for kind, count in self.counts.most_common()]
        first, last = self.quarters
        lines += [
            "",
            "| | |",
            "| :-- | --: |",
            f"| answers | {self.counts.total():,} |",
            f"| faults | {len(self.faults)} |",
            f"| p50, p99 of the latest | {self.times[0]:.1f} ms, {self.times[1]:.1f} ms |",
            f"| memory, first quarter | {first / 1e6:.1f} MB |",
            f"| memory, last quarter | {last / 1e6:.1f} MB ({last / first - 1:+.1%}) |",
        ]
        return "\n".join(lines)


def soak(target: Target, seconds: float, clients: int = 16) -> Result:
    """Ask for so many seconds, after a tenth of that to warm up."""
    result = Result()
    make = learn(target.address, target.rows, target.streams, result.counts, result.faults)
    with ExitStack() as stack:
        if target.has_nginx:
            dawdlers = Dawdlers(target.address, target.rows[0], result.counts, result.faults)
            stack.enter_context(dawdlers)
        load = stack.enter_context(Load(target.address, make, clients))
        time.sleep(seconds / 10)
        start, told = time.monotonic(), 0.0
        while (now := time.monotonic() - start) < seconds:
            result.memory.append((now, target.memory()))
            if now >= told:
                faults = len(result.faults) + len(load.report.faults)
                count, taken = result.counts.total(), result.memory[-1][1] / 1e6
                print(
                    f"{now:6.0f} s {count:12,} answers {faults:4} faults {taken:8.1f} MB",
                    flush=True,
                )
                told += max(seconds / 60, INTERVAL)
            time.sleep(INTERVAL)
    result.faults += load.report.faults
    took = load.report.seconds
    result.times = percentile(took, 0.5) * 1e3, percentile(took, 0.99) * 1e3
    return result


def container_memory(container: Container) -> int:
    """Return what a container takes; files that the kernel could let go of do not count."""
    taken = container.stats(stream=False, one_shot=True)["memory_stats"]
    files = taken["stats"].get("total_inactive_file", taken["stats"].get("inactive_file", 0))
    return int(taken["usage"] - files)


def rows_of(project: Project) -> list[Row]:
    """Return the rows of the project's example."""
    rows: list[Row] = json.loads((project.path / "payload.json").read_text("utf-8"))
    return rows


@contextmanager
def in_container(image: Image) -> Iterator[Target]:
    """Serve the trained model of a project in its image."""
    volumes = {str(image.project.path / ".mldock"): {"bind": "/opt/ml"}}
    with serving(image, volumes=volumes) as server:
        rows = rows_of(image.project)
        yield Target(server.address, rows, lambda: container_memory(server.container), True)


@contextmanager
def as_process(project: Project) -> Iterator[Target]:
    """Serve the trained model of a project without Docker."""
    port = free_port()
    with project.start("serve", "--port", str(port)) as process:
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", lambda: "nox -s serve")
            rows = rows_of(project)
            yield Target(("127.0.0.1", port), rows, lambda: sum(map(pss, tree(process.pid))), False)
        finally:
            project.nox("stop")


def run(project: Project, session: str) -> None:
    """Run a session of a project; end with its output where it fails."""
    done = project.nox(session)
    if done.returncode:
        sys.exit(done.stdout)


def plot(result: Result, file: Path) -> None:
    """Draw the memory over time."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.add_subplot(xlabel="minutes", ylabel="memory, MB")
    minutes = [second / 60 for second, _ in result.memory]
    axes.plot(minutes, [amount / 1e6 for _, amount in result.memory])
    axes.set_ylim(bottom=0)
    axes.set_title(f"{result.counts.total():,} answers, {len(result.faults)} faults")
    figure.savefig(file)


def main() -> int:
    """Make, train and soak a project; 0 if nothing was wrong and the memory has not grown."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    parser.add_argument("--clients", type=int, default=16, help="asking at once (16)")
    parser.add_argument("--model", choices=[*MODELS], default="usual", help="its kind (usual)")
    parser.add_argument("--process", action="store_true", help="without Docker and nginx")
    parser.add_argument("--plot", type=Path, help="a file for a picture of the memory (none)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        name = f"mldock-soak-{options.model}"
        project = generate(Path(folder) / name, template="generic")
        run(project, "train")
        if options.model != "usual":
            with (project.path / "src/prediction.py").open("a", encoding="utf-8") as file:
                file.write(IMPORTS + MODELS[options.model])
        if options.process:
            target = stack.enter_context(as_process(project))
        else:
            run(project, "build")
            image = Image(f"{name}:latest", "generic", project)
            stack.callback(docker.from_env().images.remove, image.name, force=True)
            target = stack.enter_context(in_container(image))
        target = replace(target, streams=options.model == "stream")
        result = soak(target, 60 * options.minutes, options.clients)
    print(f"\n{result.table}", *result.faults, sep="\n")
    if options.plot:
        plot(result, options.plot)
    return int(bool(result.faults) or result.grows)


if __name__ == "__main__":
    sys.exit(main())
