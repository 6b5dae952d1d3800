"""PyTorch on several hosts: one model, whoever computes it, and whoever dies meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from tests.distributed.conftest import MakeJob
from tests.distributed.job import NAMES_OF_IPV6, Job, poll, python_of

READ = """
import sys, numpy, torch
weights = torch.load(sys.argv[1], weights_only=True)
numpy.savez(sys.argv[2], **{name: value.numpy() for name, value in weights.items()})
"""


def weights(job: Job) -> dict[str, Any]:
    """Return the weights that the first host has saved."""
    file = job.folder / "weights.npz"
    model = job.base_dir(0) / "model" / "classifier" / "model.pt"
    subprocess.run([python_of(job.project), "-c", READ, str(model), str(file)], check=True)
    return dict(np.load(file))


def assert_same(one: Job, other: Job) -> None:
    """Check that two jobs have the same model and the same measurements."""
    expected = weights(one)
    for name, value in weights(other).items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-7, err_msg=name)
    metrics = [job.base_dir(0) / "output" / "data" / "metrics.json" for job in (one, other)]
    assert metrics[0].read_text("utf-8") == metrics[1].read_text("utf-8")


def test_hosts_train_one_model(pytorch: Path, make_job: MakeJob) -> None:
    """Three hosts train the model of a single one; only the first saves it."""
    # Not a multiple of three.
    alone, several = (make_job(pytorch, n, epochs=2, batch_size=50).train() for n in (1, 3))

    assert_same(alone, several)
    assert len(alone.confusion()) == 10
    assert alone.confusion() == several.confusion()
    assert sum(map(sum, alone.confusion())) == 449
    assert "processes: 3" in several.log()
    # Of two epochs, and of the answers of the server.
    assert several.log().count("metric: accuracy=") == 3
    for index in (1, 2):
        assert "metric: " not in several.log(index)
        assert not any((several.base_dir(index) / "model").iterdir())
    for index in range(3):
        assert not any((several.base_dir(index) / "checkpoints").iterdir())


def test_ipv6(pytorch: Path, make_job: MakeJob) -> None:
    """Hosts that have no address but those of IPv6 train together."""
    job = make_job(pytorch, 2, epochs=1)
    job.names = NAMES_OF_IPV6

    job.train()

    assert "processes: 2" in job.log()


def test_killed_process(pytorch: Path, make_job: MakeJob) -> None:
    """When a process dies, all go on after the last epoch, and the model is what it would be."""
    alone = make_job(pytorch, 1, epochs=30).train()
    job = make_job(pytorch, 2, epochs=30)
    job.start()
    job.wait_for("epoch 3/30")
    (worker,) = job.children(1, "spawn_main")

    os.kill(worker, signal.SIGKILL)

    assert job.wait() == [0, 0], job.log()
    assert "continuing after epoch" in job.log()
    assert_same(alone, job)


def test_killed_host_that_comes_back(pytorch: Path, make_job: MakeJob) -> None:
    """A host that is killed and started again takes its place; nothing is learnt twice."""
    job = make_job(pytorch, 2, epochs=40)
    job.start()
    job.wait_for("epoch 3/40")
    job.kill(1)
    job.processes[1].wait()

    job.processes[1] = job.start_host(1)

    assert job.wait() == [0, 0], job.log() + job.log(1)
    assert "continuing after epoch" in job.log()


def test_killed_host_that_stays_away(pytorch: Path, make_job: MakeJob) -> None:
    """A host that is gone for good ends the job; the checkpoint stays for the next one."""
    job = make_job(pytorch, 2, {"MLDOCK_JOIN_TIMEOUT": "10"}, epochs=500)
    job.start()
    job.wait_for("epoch 3/500")

    job.kill(1)

    assert job.wait() == [1, -signal.SIGKILL]
    failure = (job.base_dir(0) / "output" / "failure").read_text("utf-8")
    assert failure.startswith("not all of the 2 hosts were there within 10 s"), failure
    assert (job.base_dir(0) / "checkpoints" / "last.pt").exists()


def test_killed_first_host(pytorch: Path, make_job: MakeJob) -> None:
    """Without the first host there is nobody to go on with."""
    job = make_job(pytorch, 2, epochs=500)
    job.start()
    job.wait_for("epoch 3/500")

    job.kill(0)

    assert job.wait() == [-signal.SIGKILL, 1]
    failure = (job.base_dir(1) / "output" / "failure").read_text("utf-8")
    assert "localhost" in failure


def test_stop(pytorch: Path, make_job: MakeJob) -> None:
    """SIGTERM ends all processes of all hosts, and leaves the checkpoint."""
    job = make_job(pytorch, 2, epochs=500)
    job.start()
    job.wait_for("epoch 3/500")
    workers = [*job.children(0, "spawn_main"), *job.children(1, "spawn_main")]
    assert len(workers) == 2

    for process in job.processes:
        process.terminate()

    assert job.wait() == [0, 0]
    assert (job.base_dir(0) / "checkpoints" / "last.pt").exists()
    poll(lambda: not any(map(is_running, workers)), lambda: str(workers))


def test_mistake_is_told(pytorch: Path, make_job: MakeJob, tmp_path: Path) -> None:
    """One of the hosts says what its process said; the other may only see that it is gone."""
    job = make_job(pytorch, 2, epochs=1)
    job.data = tmp_path / "empty"
    job.data.mkdir()
    job.start()

    assert job.wait() == [1, 1]
    failures = [job.base_dir(index) / "output" / "failure" for index in range(2)]
    assert any("holds no rows of CSV" in path.read_text("utf-8") for path in failures)


def is_running(process: int) -> bool:
    """Say whether there is a process of a number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
