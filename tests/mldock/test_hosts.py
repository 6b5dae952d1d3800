"""Several hosts: nobody overwrites another's results, all wait for the last one, none for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.mldock.hosts import HOSTS, WAIT, Cluster, kill, saved
from tests.mldock.workspace import assets

MakeCluster = Callable[..., Cluster]

# Until the test lets it.
SAVES_SLOWLY = assets(
    cleanup="""
        while not (self.environment.base_dir / "save").exists():
            time.sleep(0.01)"""
)


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
def test_a_host_that_fails(make: MakeCluster, tmp_path: Path, name: str) -> None:
    """Nobody waits for it, nor while it saves: the others save what they have, and fail too."""
    cluster = make(f"{WAIT}\nassert host != {name!r}, 'no memory'")
    cluster.hosts[name].write_assets(SAVES_SLOWLY)
    runs = cluster.start_training()
    cluster.go_on()

    for host, run in runs.items():
        if host != name:
            assert run.wait() == 1, run.log
            # The others hear of the first only.
            culprit = name if host == "localhost" else "localhost"
            told = f"the host {culprit} ended before all hosts were done. Its log says why."
            assert cluster.hosts[host].failure.splitlines()[0] == told
    (cluster.hosts[name].base_dir / "save").touch()
    assert runs[name].wait() == 1
    assert cluster.hosts[name].failure.startswith("AssertionError: no memory")
    assert (tmp_path / "kept" / "algo-3" / "weights").read_text() == "algo-3"


@pytest.mark.parametrize("name", ["localhost", "algo-3"])
def test_a_host_that_is_killed(make: MakeCluster, name: str) -> None:
    """Those that wait for it already end within seconds, and name it."""
    cluster = make()
    runs = cluster.start_training()
    cluster.go_on(*(host for host in HOSTS if host != name))
    for host in HOSTS:
        if host != name:
            runs[host].wait_for("waiting until all hosts are done")

    kill(runs.pop(name))

    for host, run in runs.items():
        assert run.wait() == 1, run.log
        culprit = name if host == "localhost" else "localhost"
        assert cluster.hosts[host].failure.startswith(f"the host {culprit} ended before all")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("localhost", "the host algo-2 did not come within MLDOCK_JOIN_TIMEOUT."),
        ("algo-2", "the host localhost did not answer at port"),
    ],
)
def test_hosts_that_do_not_come(make: MakeCluster, name: str, reason: str) -> None:
    """One that is alone gives up, and says for whom it has waited."""
    cluster = make("", MLDOCK_JOIN_TIMEOUT="1")

    (run,) = cluster.start(name)

    assert run.wait() == 1
    assert cluster.hosts[name].failure.startswith(reason)


def test_wrong_limit(make: MakeCluster) -> None:
    """A mistake in a setting is told before a host trains."""
    cluster = make("", MLDOCK_HOSTS_TIMEOUT="never")

    (run,) = cluster.start("localhost")

    assert run.wait() == 1
    assert cluster.hosts["localhost"].failure.startswith("MLDOCK_HOSTS_TIMEOUT=never is no")
    assert not (cluster.hosts["localhost"].base_dir / "training").exists()


def test_a_host_that_hangs(make: MakeCluster) -> None:
    """The wait for one that works has a limit, too."""
    cluster = make(MLDOCK_HOSTS_TIMEOUT="1")
    runs = cluster.start_training()

    cluster.go_on("localhost")

    assert runs["localhost"].wait() == 1
    reason = "the host algo-2 was not done within MLDOCK_HOSTS_TIMEOUT. Its log says why."
    assert cluster.hosts["localhost"].failure.startswith(reason)


def test_all_are_stopped(make: MakeCluster) -> None:
    """Nobody misses another, though it has trained; the exit code may start the job again."""
    cluster = make(MLDOCK_STOPPED_EXIT_CODE="143")
    runs = cluster.start_training()
    cluster.go_on("localhost", "algo-3")
    for name in ("localhost", "algo-3"):
        runs[name].wait_for("waiting until all hosts are done")

    for run in runs.values():
        run.terminate()

    for name, run in runs.items():
        assert run.wait() == 143, run.log
        assert cluster.hosts[name].failure == ""


def test_stop_before_the_first_came(make: MakeCluster) -> None:
    """A host that looks for the first one can be stopped."""
    cluster = make()
    (run,) = cluster.start("algo-2")
    run.wait_for("connecting to the first host")

    run.terminate()

    assert run.wait() == 0, run.log
    assert cluster.hosts["algo-2"].failure == ""
