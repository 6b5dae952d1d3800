"""`nox -s train -- --docker --hosts 3`: one job in three containers of this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence

import pytest
from docker.models.containers import Container

from tests.container.conftest import LABEL
from tests.container.test_lifecycle import TRAINER
from tests.engine import engine
from tests.project import Project, generate

pytestmark = pytest.mark.docker

HOSTS = ["algo-1", "algo-2", "algo-3"]

# The checkpoints are what the hosts share, so the test can see into all of them there.
WAITING = f"""import os
{TRAINER}
    shared, host = environment.checkpoint_dir, environment.current_host
    # Of one host it is the person's folder itself.
    assert len(environment.hosts) == 1 or not os.access(environment.channel("training"), os.W_OK)
    (shared / f"training-{{host}}").touch()
    while not (shared / f"go on {{host}}").exists():
        time.sleep(0.1)
    (environment.output_data_dir / "metrics").write_text(host)
    if environment.is_first:
        (environment.model_dir / "weights").write_text(str(environment.interface))
    print(f"{{host}} is done")
    (shared / f"trained-{{host}}").touch()
"""


class Session:
    """A project whose trainers wait until they may go on, and its session in a terminal."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.base_dir = project.path / ".mldock"
        self.process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str, hosts: Sequence[str] = HOSTS) -> None:
        """Start to train on three hosts, or others, and wait until all of them do."""
        for sign in self.base_dir.glob("checkpoints/*"):
            sign.unlink()
        self.process = subprocess.Popen(
            self.project.command("train", "--docker", *arguments),
            cwd=self.project.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        for host in hosts:
            self.wait_for(host)

    def wait_for(self, host: str, sign: str = "training") -> None:
        """Wait until a host trains, or has trained."""
        deadline = time.monotonic() + 300
        while not (self.base_dir / "checkpoints" / f"{sign}-{host}").exists():
            assert time.monotonic() < deadline, self.end()
            time.sleep(0.1)

    def go_on(self, *hosts: str) -> None:
        """Let trainers come to their end."""
        for host in hosts:
            (self.base_dir / "checkpoints" / f"go on {host}").touch()

    def kill(self, host: str) -> None:
        """Kill a host, as happens where memory runs out."""
        names = [box for box in self.containers() if box.attrs["Config"]["Hostname"] == host]
        names[0].kill()

    def containers(self) -> list[Container]:
        """Return the containers of the project."""
        found: list[Container] = engine().containers.list(all=True, filters=self.filters)
        return found

    @property
    def filters(self) -> dict[str, str]:
        """What is labelled as this project's."""
        return {"label": f"mldock.project={self.project.path}"}

    def finish(self) -> tuple[int, str]:
        """Return the exit code and the output of the session; nothing of it may stay."""
        assert self.process is not None
        output, _ = self.process.communicate(timeout=300)
        assert self.containers() == []
        assert engine().networks.list(filters=self.filters) == []
        assert not (self.base_dir / "input" / "config" / "resourceconfig.json").exists()
        return self.process.returncode, output

    def end(self) -> str:
        """Leave nothing of it, and return its output."""
        if self.process is None:
            return ""
        for container in self.containers():
            container.kill()
        output, _ = self.process.communicate(timeout=300)
        return output


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Return a project whose image is built, with three hosts in mldock.json."""
    path = tmp_path_factory.mktemp("hosts") / f"mldock-test-hosts-{LABEL[-8:]}"
    project = generate(path, template="generic")
    (path / "src" / "trainer.py").write_text(WAITING, encoding="utf-8")
    declared = json.loads((path / "mldock.json").read_text("utf-8"))
    (path / "mldock.json").write_text(json.dumps({**declared, "hosts": 3}), encoding="utf-8")
    result = project.nox("build", "--label", LABEL)
    assert result.returncode == 0, result.stdout
    yield project
    engine().images.remove(f"{path.name}:latest", force=True)


@pytest.fixture
def session(project: Project) -> Iterator[Session]:
    """Return a session that is over after the test."""
    session = Session(project)
    yield session
    if session.process and session.process.poll() is None:
        session.end()


def test_three_hosts(session: Session) -> None:
    """All train, and none ends before the last; the first's results are where they always are.

    Each line says whose it is.
    """
    session.start()
    session.go_on("algo-1", "algo-2")
    for host in ("algo-1", "algo-2"):
        session.wait_for(host, "trained")
    time.sleep(2)
    assert {box.status for box in session.containers()} == {"running"}
    session.go_on("algo-3")

    code, output = session.finish()

    assert code == 0, output
    for host in HOSTS:
        assert f"{host} | {host} is done\n" in output
        folder = session.base_dir if host == "algo-1" else session.base_dir / "hosts" / host
        assert (folder / "output" / "data" / "metrics").read_text() == host
    assert (session.base_dir / "model" / "weights").read_text() == "eth0"


def test_a_host_that_is_killed_ends_the_job(session: Session) -> None:
    """The others are stopped, and the exit code is that of the one that was killed."""
    session.start("--hosts", "3")

    session.kill("algo-2")

    code, output = session.finish()
    assert code == 137, output
    assert "algo-2 | algo-2 was killed by SIGKILL, and the job with it\n" in output
    assert output.count("stopped by SIGTERM: saving what there is") == 2


@pytest.mark.parametrize("hosts", [HOSTS, ["localhost"]], ids=["three", "one"])
def test_ctrl_c(session: Session, hosts: list[str]) -> None:
    """The terminal's Ctrl-C stops all hosts in order, as it stops one, and is not a success."""
    session.start("--hosts", str(len(hosts)), hosts=hosts)
    assert session.process is not None

    os.killpg(session.process.pid, signal.SIGINT)

    code, output = session.finish()
    assert code == 130, output
    assert output.count("stopped by Ctrl-C: saving what there is") == len(hosts)
    assert "Traceback" not in output


@pytest.mark.parametrize("hosts", [HOSTS, ["localhost"]], ids=["three", "one"])
def test_reader_that_is_gone(session: Session, hosts: list[str]) -> None:
    """Who has read enough of the output, as `| head`, does not end the job, and nothing stays."""
    session.start("--hosts", str(len(hosts)), hosts=hosts)
    assert session.process is not None
    assert session.process.stdout is not None
    session.process.stdout.close()
    session.go_on(*hosts)

    assert session.process.wait(300) == 0
    assert session.containers() == []


def test_hosts_need_containers(project: Project) -> None:
    """Processes of one machine would share its ports and its memory; one host needs no Docker."""
    (project.path / ".mldock" / "checkpoints").mkdir(parents=True, exist_ok=True)
    (project.path / ".mldock" / "checkpoints" / "go on localhost").touch()

    refused = project.nox("train", "--hosts", "3")
    alone = project.nox("train", "--hosts", "1")
    wrong = project.nox("train", "--hosts", "0")

    assert refused.returncode == 1
    assert "--hosts 3 needs containers. Add --docker" in refused.stdout
    assert "localhost is done" in alone.stdout
    assert wrong.returncode == 2
    assert "argument --hosts: '0' is not a number from 1 to 100" in wrong.stdout
