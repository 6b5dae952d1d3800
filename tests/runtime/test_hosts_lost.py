"""Hosts that go without a word: the others wait for them as long as they may, never for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime.hosts import HOSTS, WAIT, Cluster, kill, saved

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


@pytest.mark.parametrize(
    ("name", "seconds", "reason"),
    [
        ("algo-3", "0", "the host algo-3 is gone. See its log."),
        ("algo-3", "1", "the host algo-3 did not come back within 1 s. See its log."),
        ("localhost", "0", "the first host localhost is gone. See its log."),
        ("localhost", "1", "the first host localhost is gone, and did not come back within 1 s."),
    ],
)
def test_a_host_that_is_lost(make: MakeCluster, name: str, seconds: str, reason: str) -> None:
    """The others learn of it while they train, stop, and name it."""
    cluster = make(MLDOCK_HOSTS_TIMEOUT=seconds)
    runs = cluster.start_training()

    kill(runs.pop(name))

    for host, run in runs.items():
        assert run.wait() == 1, run.log
        assert cluster.hosts[host].failure.startswith(reason)
        assert (cluster.hosts[host].base_dir / "output" / "data" / "metrics").is_file()


@pytest.mark.parametrize("name", ["algo-3", "localhost"])
def test_a_host_that_comes_back(make: MakeCluster, name: str) -> None:
    """The job goes on with it as if nothing had been, whichever it is, and however often."""
    cluster = make()
    runs = cluster.start_training()
    other = "localhost" if name != "localhost" else "algo-2"
    kill(runs[name])
    runs[other].wait_for(f"host {name} is gone; it has 300 s to come back")
    runs[name] = cluster.restart(name)
    # The next time all others are done.
    kill(runs[name])
    others = [host for host in HOSTS if host != name]
    cluster.go_on(*others)
    for host in others:
        runs[host].wait_for(saved(host))
    runs[name] = cluster.restart(name)
    assert [run.process.poll() for run in runs.values()] == [None, None, None]

    cluster.go_on()

    assert [run.wait() for run in runs.values()] == [0, 0, 0]


def test_a_host_that_is_lost_while_it_waits_for_the_last(make: MakeCluster) -> None:
    """It counts as the others do, though its own results are saved."""
    cluster = make(MLDOCK_HOSTS_TIMEOUT="0")
    runs = cluster.start_training()
    cluster.go_on("algo-3")
    runs["algo-3"].wait_for(saved("algo-3"))

    kill(runs.pop("algo-3"))

    for run in runs.values():
        assert run.wait() == 1, run.log


def test_the_cause_comes_before_its_consequence(make: MakeCluster) -> None:
    """A trainer that fails for want of another is not what has made the job fail."""
    cluster = make(f"{WAIT}\nassert host != 'algo-2', 'connection closed'")
    runs = cluster.start_training()
    kill(runs.pop("algo-3"))
    runs["localhost"].wait_for("the host algo-3 is gone")

    cluster.go_on("algo-2")

    assert [run.wait() for run in runs.values()] == [1, 1]
    assert cluster.hosts["localhost"].failure.startswith(
        "the host algo-3 is gone, then the host algo-2 failed: AssertionError: connection closed"
    )


def test_a_host_that_is_stopped_and_comes_back(make: MakeCluster) -> None:
    """One host gives way, with an exit code that makes the platform start it again."""
    cluster = make(MLDOCK_STOPPED_EXIT_CODE="143", MLDOCK_STOP_GRACE="3")
    runs = cluster.start_training()
    runs["algo-2"].terminate()
    assert runs["algo-2"].wait() == 143, runs["algo-2"].log
    assert cluster.hosts["algo-2"].failure == ""

    runs["algo-2"] = cluster.restart("algo-2")
    cluster.go_on()

    assert [run.wait() for run in runs.values()] == [0, 0, 0]


@pytest.mark.parametrize(("code", "told"), [("", 0), ("75", 75)])
def test_all_are_stopped(make: MakeCluster, code: str, told: int) -> None:
    """Nobody misses another, or waits longer than for its saving."""
    cluster = make(MLDOCK_STOPPED_EXIT_CODE=code)
    runs = cluster.start_training()

    for run in runs.values():
        run.terminate()

    for name, run in runs.items():
        assert run.wait() == told, run.log
        assert cluster.hosts[name].failure == ""


def test_stop_before_the_others_came(make: MakeCluster) -> None:
    """A host that is stopped while it waits ends as one that is stopped, whichever it is."""
    cluster = make()
    for name in ("localhost", "algo-2"):
        (run,) = cluster.start(name)
        run.wait_for("waiting for the other hosts")
        run.terminate()

        assert run.wait() == 0, run.log
        assert cluster.hosts[name].failure == ""
