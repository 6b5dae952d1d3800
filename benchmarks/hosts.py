"""How much faster several hosts train than one: nox -s bench -- hosts [--hosts N].

Hosts are processes of this machine, each held to one processor, so that one more host is one more
processor as it would be elsewhere. With more hosts than processors there is nothing to gain, and
what is seen is what they cost; a network between them is not seen at all.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from scripts import torch_wheel
from tests.distributed.conftest import make_project
from tests.distributed.job import Job

SEARCH = """
import json
import time
from pydantic import BaseModel
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from mldock.dask import run_worker, start_cluster

class Hyperparameters(BaseModel):
    # The one that mldock.json of a new project sets.
    n_estimators: int = 1

def train(environment, hyperparameters):
    if not environment.is_first:
        return run_worker(environment)
    features, labels = make_classification(3000, 30, n_informative=20, random_state=0)
    grid = {"max_depth": [4, 8, 12, 16], "max_features": [4, 8]}
    with start_cluster(environment) as parallel, parallel():
        for rows in (100, 3000):
            # The first is for imports, in all processes.
            search = GridSearchCV(RandomForestClassifier(30, random_state=0), grid, refit=False)
            started = time.monotonic()
            search.fit(features[:rows], labels[:rows])
            seconds = time.monotonic() - started
    (environment.output_data_dir / "seconds.json").write_text(json.dumps(seconds))
"""


class PinnedJob(Job):
    """Each host has one processor, whatever it starts."""

    def start(self) -> None:
        """Start all hosts, each on the next processor."""
        mine = sorted(os.sched_getaffinity(0))
        super().start()
        for index, process in enumerate(self.processes):
            # Before it has imported enough to start others.
            os.sched_setaffinity(process.pid, {mine[index % len(mine)]})


def main() -> None:
    """Measure both templates and print a table."""
    parser = argparse.ArgumentParser(prog="nox -s bench -- hosts", description=__doc__)
    parser.add_argument("--hosts", type=int, default=3, choices=[2, 3], help="how many (3)")
    count = parser.parse_args().hosts
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheels = folder / "wheels"
        wheels.mkdir()
        torch_wheel.provide(wheels)
        sklearn = make_project(folder, wheels, "sklearn")
        (sklearn / "src" / "trainer.py").write_text(SEARCH, "utf-8")
        pytorch = make_project(folder, wheels, "pytorch")
        print(f"{len(os.sched_getaffinity(0))} processors, one a host")
        print(f"{'':24}" + "".join(f"{hosts:>8} hosts" for hosts in range(1, count + 1)))
        measure("sklearn, grid search", sklearn, folder, count, read_seconds)
        # One step an epoch: with small batches the hosts would talk more than compute.
        options = {"epochs": 40, "batch_size": 1348}
        measure("PyTorch, epochs", pytorch, folder, count, read_epochs, **options)


def measure(
    title: str,
    project: Path,
    folder: Path,
    count: int,
    read: Callable[[Job], float],
    **hyperparameters: object,
) -> None:
    """Train with one host and with more, and print the seconds and the ratios."""
    seconds = []
    for hosts in range(1, count + 1):
        place = folder / f"{project.name}-{hosts}"
        seconds.append(read(PinnedJob(project, place, hosts, hyperparameters).train()))
    print(f"{title:24}" + "".join(f"{value:12.1f} s" for value in seconds))
    print(f"{'  times as fast':24}" + "".join(f"{seconds[0] / value:14.2f}" for value in seconds))


def read_seconds(job: Job) -> float:
    """Return what the search took, without the start of the hosts."""
    text = (job.base_dir(0) / "output" / "data" / "seconds.json").read_text("utf-8")
    return float(text)


def read_epochs(job: Job) -> float:
    """Return what all epochs but the first took."""
    (run,) = (job.base_dir(0) / "output" / "data" / "runs").glob("*.jsonl")
    lines = [json.loads(line) for line in run.read_text("utf-8").splitlines()]
    times = [line["time"] for line in lines if line.get("metric") == "accuracy"]
    return float(times[-1] - times[0])


if __name__ == "__main__":
    main()
