"""Several hosts: they meet, nobody overwrites another's results, all wait for the last one."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.hosts import HOSTS, WAIT, Cluster, saved


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return three hosts whose trainers have nothing to wait for."""
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.end()


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Cluster]:
    """Return three hosts whose trainers wait until they may go on."""
    cluster = Cluster(tmp_path, WAIT)
    yield cluster
    cluster.end()


def test_nobody_overwrites(cluster: Cluster, tmp_path: Path) -> None:
    """The first host's results lie at the URI, the others' in folders of their names."""
    for run in cluster.start():
        assert run.wait() == 0, run.log

    for folder, name in ((".", "localhost"), ("algo-2", "algo-2"), ("algo-3", "algo-3")):
        assert (tmp_path / "output" / folder / "metrics").read_text() == name
        assert (tmp_path / "kept" / folder / "weights").read_text() == name


def test_only_the_first_saves_a_model(tmp_path: Path) -> None:
    """A host that has no model is no fault; the first one that has none is."""
    cluster = Cluster(tmp_path, "if not environment.is_first: return")

    for run in cluster.start():
        assert run.wait() == 0, run.log

    assert [path.name for path in (tmp_path / "kept").glob("[!.]*")] == ["weights"]


def test_all_wait_for_the_last(waiting: Cluster) -> None:
    """No host ends before all have saved their results, whichever is the last."""
    runs = waiting.start_training()
    waiting.go_on("localhost", "algo-3")
    for name in ("localhost", "algo-3"):
        runs[name].wait_for(saved(name))
    time.sleep(1)
    assert [run.process.poll() for run in runs.values()] == [None, None, None]

    waiting.go_on("algo-2")

    assert [run.wait() for run in runs.values()] == [0, 0, 0]


@pytest.mark.parametrize("late", ["localhost", "algo-3"])
def test_trainers_begin_together(cluster: Cluster, late: str) -> None:
    """No host trains before the last has come."""
    early = cluster.start(*(name for name in HOSTS if name != late))
    for run in early:
        run.wait_for("waiting for the other hosts")
    time.sleep(0.5)
    assert not any((host.base_dir / "training").exists() for host in cluster.hosts.values())

    runs = cluster.start(late) + early

    assert [run.wait() for run in runs] == [0, 0, 0]


def test_hosts_of_variables(cluster: Cluster) -> None:
    """Without SageMaker's file, the variables of an Indexed Job say which hosts there are."""
    runs = []
    for index, (name, host) in enumerate(cluster.hosts.items()):
        (host.base_dir / "input" / "config" / "resourceconfig.json").unlink()
        variables = {"MLDOCK_HOSTS": ",".join(HOSTS), "JOB_COMPLETION_INDEX": str(index)}
        runs += cluster.start(name, **variables)

    assert [run.wait() for run in runs] == [0, 0, 0]
    assert (cluster.path / "output" / "algo-3" / "metrics").read_text() == "algo-3"


@pytest.mark.parametrize("name", ["localhost", "algo-2"])
def test_a_host_that_fails_fails_the_job(tmp_path: Path, name: str) -> None:
    """The others stop at once, save what they have, and name it; every exit code tells it."""
    cluster = Cluster(tmp_path, f"assert host != {name!r}, 'no memory'\n{WAIT}")

    runs = dict(zip(HOSTS, cluster.start(), strict=True))

    for host, run in runs.items():
        assert run.wait() == 1, run.log
        reason = "AssertionError: no memory"
        told = reason if host == name else f"the host {name} failed: {reason}"
        assert cluster.hosts[host].failure.splitlines()[0] == told
    assert (tmp_path / "output" / "algo-3" / "metrics").is_file()


@pytest.mark.parametrize("name", ["localhost", "algo-2"])
def test_a_host_that_fails_before_they_met(cluster: Cluster, name: str) -> None:
    """The others do not wait for it."""
    cluster.hosts[name].write_trainer("no python")

    runs = dict(zip(HOSTS, cluster.start(), strict=True))

    for host, run in runs.items():
        assert run.wait() == 1, run.log
        if host != name:
            assert cluster.hosts[host].failure.startswith(f"the host {name} failed: SyntaxError")


def test_two_of_one_name(cluster: Cluster) -> None:
    """Who was there first learns that another has its name."""
    cluster.describe("algo-3", "algo-2")
    (run,) = cluster.start("algo-3")
    cluster.start("localhost")[0].wait_for("waiting for the other hosts")
    time.sleep(0.5)

    cluster.start("algo-2")

    assert run.wait() == 1, run.log
    assert cluster.hosts["algo-3"].failure.startswith("another host calls itself algo-2.")


def test_who_does_not_belong_to_the_job(waiting: Cluster) -> None:
    """A host of another list is told so; it and other strangers disturb nobody."""
    waiting.describe("algo-3", "algo-4", ["localhost", "algo-4"])
    runs = waiting.start()
    assert runs[2].wait() == 1, runs[2].log
    assert waiting.hosts["algo-3"].failure.startswith("'algo-4' is none of the hosts ['localhost'")
    with socket.create_connection(("localhost", int(waiting.variables["MLDOCK_HOSTS_PORT"]))) as it:
        it.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"failed" in it.recv(1000)

    waiting.describe("algo-3", "algo-3")
    runs[2] = waiting.start("algo-3")[0]
    waiting.go_on()

    assert [run.wait() for run in runs] == [0, 0, 0]
