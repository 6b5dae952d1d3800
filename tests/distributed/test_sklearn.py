"""sklearn on several hosts: a Dask cluster of them fits what one fits."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.distributed.conftest import MakeJob
from tests.distributed.job import NAMES_OF_IPV6, Job, python_of

# A trainer of a person's own: a search whose every fit can run on another host.
SEARCH = """
import time
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier
from pydantic import BaseModel
from mldock.dask import run_worker, start_cluster

class Slow(DecisionTreeClassifier):
    def fit(self, features, labels):
        time.sleep(5)
        return super().fit(features, labels)

class Hyperparameters(BaseModel):
    # The one that mldock.json of a new project sets.
    n_estimators: int = 1

def train(environment, hyperparameters):
    if not environment.is_first:
        return run_worker(environment)
    features, labels = make_classification(random_state=0)
    search = GridSearchCV(Slow(random_state=0), {"max_depth": list(range(1, 11))}, cv=2)
    with start_cluster(environment) as parallel, parallel():
        print("searching", flush=True)
        search.fit(features, labels)
"""

COMPARE = """
import sys, numpy, skops.io
trusted = ["numpy.dtype", "sklearn.tree._tree.Tree"]
models = [skops.io.load(path, trusted=trusted) for path in sys.argv[1:]]
rows = numpy.random.default_rng(0).normal(100, 50, size=(500, 30))
answers = [model.predict_proba(rows) for model in models]
assert all(numpy.array_equal(answer, answers[0]) for answer in answers)
"""


def metrics(job: Job) -> str:
    """Return what the first host has measured."""
    return (job.base_dir(0) / "output" / "data" / "metrics.json").read_text("utf-8")


def search(make_job: MakeJob, project: Path, folder: Path) -> Job:
    """Return a job of two hosts whose own trainer has begun to search, for a minute."""
    copy = folder / "searching"
    (copy / "src").mkdir(parents=True)
    for path in (project / "src").iterdir():
        (copy / "src" / path.name).symlink_to(path)
    for name in (".venv", "data", "mldock.json"):
        (copy / name).symlink_to(project / name)
    (copy / "src" / "trainer.py").unlink()
    (copy / "src" / "trainer.py").write_text(SEARCH, "utf-8")
    job = make_job(copy, 2)
    job.start()
    job.wait_for("searching")
    return job


def test_hosts_fit_one_forest(sklearn: Path, make_job: MakeJob) -> None:
    """Three hosts fit the forest of a single one; only the first saves it."""
    jobs = [make_job(sklearn, count, n_estimators=40, folds=3).train() for count in (1, 3)]

    models = [str(job.base_dir(0) / "model" / "classifier" / "model.skops") for job in jobs]
    subprocess.run([python_of(sklearn), "-c", COMPARE, *models], check=True)
    assert metrics(jobs[0]) == metrics(jobs[1])
    assert "cross_validated_accuracy" in metrics(jobs[0])
    assert jobs[0].confusion() == jobs[1].confusion()
    assert sum(map(sum, jobs[0].confusion())) == 143
    for job in jobs:
        for index in range(1, job.count):
            assert not any((job.base_dir(index) / "model").iterdir())


def test_ipv6(sklearn: Path, make_job: MakeJob) -> None:
    """Hosts that have no address but those of IPv6 fit the same forest."""
    job = make_job(sklearn, 2, n_estimators=10)
    job.names = NAMES_OF_IPV6

    job.train()

    assert any((job.base_dir(0) / "model" / "classifier").iterdir())


def test_one_host_has_no_cluster(sklearn: Path, make_job: MakeJob) -> None:
    """Alone, Dask is not even imported, neither to train nor to serve."""
    code = "import sys, trainer, prediction; assert not {'dask', 'distributed'} & set(sys.modules)"
    subprocess.run([python_of(sklearn), "-c", code], cwd=sklearn / "src", check=True)
    job = make_job(sklearn, 1, n_estimators=5).train()

    assert "dask" not in job.log()


@pytest.mark.parametrize("index", [0, 1])
def test_killed_worker(sklearn: Path, tmp_path: Path, make_job: MakeJob, index: int) -> None:
    """The job ends on all hosts, and says why; nobody waits for the one that is gone."""
    job = search(make_job, sklearn, tmp_path)
    (worker,) = job.children(index, "dask worker")

    os.kill(worker, signal.SIGKILL)

    assert job.wait() == [1, 1], job.log() + job.log(1)
    reason = (job.base_dir(index) / "output" / "failure").read_text("utf-8")
    assert "orker of" in reason, reason


def test_scheduler_that_cannot_listen(sklearn: Path, make_job: MakeJob) -> None:
    """The first host says at once that it has no scheduler; here its address is not its own."""
    job = make_job(sklearn, 2)
    job.names = ("192.0.2.1", "127.0.0.2")
    job.start()
    job.kill(1)

    assert job.processes[0].wait() == 1, job.log()

    failure = (job.base_dir(0) / "output" / "failure").read_text("utf-8")
    assert failure.startswith("the scheduler of Dask has ended"), failure


def test_killed_first_host(sklearn: Path, tmp_path: Path, make_job: MakeJob) -> None:
    """Without the scheduler no worker waits for ever."""
    job = search(make_job, sklearn, tmp_path)

    job.kill(0)

    assert job.wait() == [-signal.SIGKILL, 1]
    failure = (job.base_dir(1) / "output" / "failure").read_text("utf-8")
    assert failure.startswith("the host localhost ended before all hosts were done"), failure


def test_killed_host(sklearn: Path, tmp_path: Path, make_job: MakeJob) -> None:
    """Without one of its workers the search does not wait for ever."""
    job = search(make_job, sklearn, tmp_path)

    job.kill(1)

    assert job.wait() == [1, -signal.SIGKILL]
    failure = (job.base_dir(0) / "output" / "failure").read_text("utf-8")
    assert failure.startswith("a worker of the Dask cluster is gone"), failure


def test_stop(sklearn: Path, tmp_path: Path, make_job: MakeJob) -> None:
    """SIGTERM ends the cluster on all hosts."""
    job = search(make_job, sklearn, tmp_path)

    for process in job.processes:
        process.terminate()

    assert job.wait() == [0, 0], job.log() + job.log(1)
    assert not any(job.children(index, "dask") for index in range(2))
