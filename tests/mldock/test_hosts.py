"""Several hosts: nobody overwrites another's results, all wait for the last one, none for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mldock.hosts import HOSTS, WAIT, Cluster, kill, saved

MakeCluster = Callable[..., Cluster]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeCluster]:
    """Return a function that makes three hosts whose trainers wait until they may go on."""
    made = []

    def make(wait: str = WAIT, **variables: str) -> Cluster:
        made.append(Cluster(tmp_path, wait, **variables))
        return made[0]

    yield make
    for cluster in made:
        cluster.end()


def test_nobody_overwrites(make: MakeCluster, tmp_path: Path) -> None:
    """The first host's results lie at the URI, the others' below; here variables name the hosts."""
    cluster = make("")
    runs = []
    for index, (name, host) in enumerate(cluster.hosts.items()):
        (host.base_dir / "input" / "config" / "resourceconfig.json").unlink()
        variables = {"MLDOCK_HOSTS": ",".join(HOSTS), "JOB_COMPLETION_INDEX": str(index)}
        runs += cluster.start(name, **variables)
    for run in runs:
        assert run.wait() == 0, run.log

    for folder, name in ((".", "localhost"), ("algo-2", "algo-2"), ("algo-3", "algo-3")):
        assert (tmp_path / "output" / folder / "metrics").read_text() == name
        assert (tmp_path / "kept" / folder / "weights").read_text() == name


def test_all_wait_for_the_last(make: MakeCluster, tmp_path: Path) -> None:
    """No host ends before all have saved their results; one without a model is no fault."""
    waiting = make(f"{WAIT}\nif not environment.is_first: return")
    runs = waiting.start_training()
    waiting.go_on("localhost", "algo-3")
    for name in ("localhost", "algo-3"):
        runs[name].wait_for(saved(name))
    time.sleep(1)
    assert [run.process.poll() for run in runs.values()] == [None, None, None]

    waiting.go_on("algo-2")

    assert [run.wait() for run in runs.values()] == [0, 0, 0]
    assert [path.name for path in (tmp_path / "kept").glob("[!.]*")] == ["weights"]


@pytest.mark.parametrize("name", ["localhost", "algo-2"])
def test_a_host_that_fails_fails_the_job(make: MakeCluster, tmp_path: Path, name: str) -> None:
    """The others stop at once, save what they have, and name it; every exit code tells it."""
    cluster = make(f"assert host != {name!r}, 'no memory'\n{WAIT}")

    runs = dict(zip(HOSTS, cluster.start(), strict=True))

    for host, run in runs.items():
        assert run.wait() == 1, run.log
        reason = "AssertionError: no memory"
        told = reason if host == name else f"the host {name} failed: {reason}"
        assert cluster.hosts[host].failure.splitlines()[0] == told
    assert (tmp_path / "output" / "algo-3" / "metrics").is_file()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("algo-3", "the host algo-3 did not come back within 1 s. See its log."),
        ("localhost", "the first host localhost is gone, and did not come back within 1 s."),
    ],
)
def test_a_host_that_is_lost(make: MakeCluster, name: str, reason: str) -> None:
    """The others learn of it while they train, stop, and name it."""
    cluster = make(MLDOCK_HOSTS_TIMEOUT="1")
    runs = cluster.start_training()

    kill(runs.pop(name))

    for host, run in runs.items():
        assert run.wait() == 1, run.log
        assert cluster.hosts[host].failure.startswith(reason)
        assert (cluster.hosts[host].base_dir / "output" / "data" / "metrics").is_file()


def test_all_are_stopped(make: MakeCluster) -> None:
    """Nobody misses another; the exit code may be one that starts the job again."""
    cluster = make(MLDOCK_STOPPED_EXIT_CODE="143")
    runs = cluster.start_training()

    for run in runs.values():
        run.terminate()

    for name, run in runs.items():
        assert run.wait() == 143, run.log
        assert cluster.hosts[name].failure == ""


def test_stop_before_the_others_came(make: MakeCluster) -> None:
    """A host does not train before the last has come; it may be stopped while it waits."""
    cluster = make()
    name = "algo-2"
    (run,) = cluster.start(name)
    run.wait_for("waiting for the other hosts")
    time.sleep(0.5)
    assert not (cluster.hosts[name].base_dir / "training").exists()
    run.terminate()

    assert run.wait() == 0, run.log
    assert cluster.hosts[name].failure == ""
