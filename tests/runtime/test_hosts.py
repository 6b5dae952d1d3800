"""Several hosts: they meet, nobody overwrites another's results, all wait for the last one."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.client import free_port
from tests.runtime.workspace import Run, Workspace

# Names that all lead to this machine.
HOSTS = ["localhost", "algo-2", "algo-3"]

TRAINER = """
host = environment.current_host
(environment.base_dir / "training").touch()
{wait}
(environment.output_data_dir / "metrics").write_text(host)
(environment.model_dir / "net").mkdir()
(environment.model_dir / "net" / "weights").write_text(host)
"""


class Cluster:
    """One job on several hosts, each with a disk of its own."""

    def __init__(self, path: Path, body: str) -> None:
        self.path = path
        self.hosts = {}
        for name in HOSTS:
            workspace = Workspace(path / name)
            workspace.write_trainer(body)
            config = workspace.base_dir / "input" / "config"
            config.mkdir(parents=True)
            resources = {"current_host": name, "hosts": HOSTS}
            (config / "resourceconfig.json").write_text(json.dumps(resources))
            self.hosts[name] = workspace
        self.variables = {
            "MLDOCK_HOSTS_PORT": str(free_port()),
            "MLDOCK_OUTPUT_CHANNEL_DATA": str(path / "output"),
            "MLDOCK_MODEL_OUTPUT_CHANNEL_NET": str(path / "kept"),
        }

    def start(self, *names: str, **variables: str) -> list[Run]:
        """Start hosts, all of them if none is named."""
        return [
            self.hosts[name].start("train", **self.variables, **variables)
            for name in names or HOSTS
        ]


def test_nobody_overwrites(tmp_path: Path) -> None:
    """The first host's results lie at the URI, the others' in folders of their names."""
    cluster = Cluster(tmp_path, TRAINER.format(wait=""))

    for run in cluster.start():
        assert run.wait() == 0, run.log

    for folder, name in ((".", "localhost"), ("algo-2", "algo-2"), ("algo-3", "algo-3")):
        assert (tmp_path / "output" / folder / "metrics").read_text() == name
        assert (tmp_path / "kept" / folder / "weights").read_text() == name


def test_all_wait_for_the_last(tmp_path: Path) -> None:
    """No host ends before all have saved their results, whichever is the last."""
    cluster = Cluster(tmp_path, TRAINER.format(wait="wait_for(environment.base_dir / 'go on')"))
    runs = cluster.start()
    for workspace, run in zip(cluster.hosts.values(), runs, strict=True):
        run.wait_for(workspace.base_dir / "training")
    for name in ("localhost", "algo-3"):
        (cluster.hosts[name].base_dir / "go on").touch()
    for run in (runs[0], runs[2]):
        run.wait_for("MLDOCK_OUTPUT_CHANNEL_DATA: 2 files stored")
    time.sleep(1)
    assert [run.process.poll() for run in runs] == [None, None, None]

    (cluster.hosts["algo-2"].base_dir / "go on").touch()

    assert [run.wait() for run in runs] == [0, 0, 0]


def test_trainers_begin_together(tmp_path: Path) -> None:
    """A host waits for those that come later."""
    cluster = Cluster(tmp_path, TRAINER.format(wait=""))
    early = cluster.start("algo-2", "algo-3")
    early[0].wait_for("waiting for the other hosts")
    time.sleep(0.5)
    assert not (cluster.hosts["algo-2"].base_dir / "training").exists()

    runs = cluster.start("localhost") + early

    assert [run.wait() for run in runs] == [0, 0, 0]


@pytest.mark.parametrize("name", ["localhost", "algo-2"])
def test_a_host_that_fails_fails_the_job(tmp_path: Path, name: str) -> None:
    """Every host's exit code tells it, whichever a launcher looks at; others save their results."""
    cluster = Cluster(tmp_path, TRAINER.format(wait=f"assert host != {name!r}, 'no memory'"))

    runs = dict(zip(HOSTS, cluster.start(), strict=True))

    for host, run in runs.items():
        assert run.wait() == 1, run.log
        reason = "AssertionError: no memory" if host == name else f"the host {name} failed"
        assert cluster.hosts[host].failure.startswith(reason)
    assert (tmp_path / "output" / "algo-3" / "metrics").is_file()


def test_a_host_that_is_lost(tmp_path: Path) -> None:
    """A host that is killed is not waited for."""
    cluster = Cluster(tmp_path, TRAINER.format(wait="wait_for(environment.base_dir / 'go on')"))
    runs = dict(zip(HOSTS, cluster.start(), strict=True))
    for name, run in runs.items():
        run.wait_for(cluster.hosts[name].base_dir / "training")
    lost = runs.pop("algo-3").process
    lost.kill()
    lost.wait()
    for name in runs:
        (cluster.hosts[name].base_dir / "go on").touch()

    for name, run in runs.items():
        assert run.wait() == 1, run.log
        assert cluster.hosts[name].failure.startswith("the host algo-3 failed")
    (cluster.hosts["algo-3"].base_dir / "go on").touch()


def test_stop_before_the_others_came(tmp_path: Path) -> None:
    """A host that is stopped while it waits ends as one that is stopped, whichever it is."""
    cluster = Cluster(tmp_path, TRAINER.format(wait=""))
    for name in ("localhost", "algo-2"):
        (run,) = cluster.start(name)
        run.wait_for("waiting for the other hosts")
        run.terminate()

        assert run.wait() == 0, run.log
        assert cluster.hosts[name].failure == ""
