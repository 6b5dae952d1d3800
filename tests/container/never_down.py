"""A server in a container, with the model that does what it is asked to, and its processes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from tests.client import wait_until_ready
from tests.container.conftest import LABEL, Image
from tests.container.messages import PATIENCE
from tests.container.test_lifecycle import STRICT
from tests.engine import engine

MODEL = Path(__file__).with_name("obliging.py")


@dataclass(frozen=True)
class Process:
    """A process, as the kernel lists it."""

    pid: int
    name: str
    parent: int


@dataclass(frozen=True)
class Server:
    """A server that runs in a container."""

    container: Container
    address: tuple[str, int]

    @property
    def url(self) -> str:
        """Where it answers."""
        return "http://{}:{}".format(*self.address)

    @property
    def log(self) -> str:
        """Whether it runs, and the last lines that it has written."""
        self.container.reload()
        return f"{self.container.status}:\n{self.container.logs(tail=40).decode()}"

    def run(self, command: str) -> str:
        """Run a shell command in the container, and return its output."""
        return str(self.container.exec_run(["sh", "-c", command]).output.decode())

    def process(self, name: str) -> int:
        """Return a process by its name: `supervisor`, `gunicorn`, `nginx` or `nginx's worker`."""
        tree = self.processes()
        # The first process is tini, whose only child is serve.py.
        (supervisor,) = (process for process in tree if process.parent == 1)
        if name == "supervisor":
            return supervisor.pid
        masters = [process for process in tree if process.parent == supervisor.pid]
        # gunicorn goes by the name of the interpreter.
        is_nginx = name.startswith("nginx")
        (master,) = (one.pid for one in masters if (one.name == "nginx") == is_nginx)
        if name == "nginx's worker":
            (master,) = (process.pid for process in tree if process.parent == master)
        return master

    @property
    def workers(self) -> set[int]:
        """The workers of gunicorn."""
        master = self.process("gunicorn")
        return {process.pid for process in self.processes() if process.parent == master}

    def processes(self) -> list[Process]:
        """Return all processes of the container."""
        found: list[tuple[str, str, str]] = []
        deadline = time.monotonic() + PATIENCE
        # The engine of a busy machine may lose what a command prints.
        while not any(pid == "1" for pid, _, _ in found) and time.monotonic() < deadline:
            listed = self.run("cat /proc/[0-9]*/stat 2>/dev/null")
            found = re.findall(r"^(\d+) \((.*)\) \S (\d+)", listed, re.MULTILINE)
        return [Process(int(pid), name, int(parent)) for pid, name, parent in found]

    def kill(self, pid: int) -> float:
        """End a process at once, as the kernel does for want of memory; return when."""
        now = time.time()
        self.run(f"kill -9 {pid}")
        return now

    def wait_for_end(self, since: float) -> tuple[int, float]:
        """Wait until the container has ended; return its exit code, and seconds since a time."""
        code = self.container.wait(timeout=PATIENCE)["StatusCode"]
        self.container.reload()
        # The engine tells nanoseconds, which Python does not read.
        text = self.container.attrs["State"]["FinishedAt"][:26].rstrip("Z")
        end = datetime.fromisoformat(text.ljust(26, "0")).replace(tzinfo=UTC)
        return int(code), end.timestamp() - since


@contextmanager
def serving(image: Image, ready: bool = True, **options: Any) -> Iterator[Server]:
    """Serve with two workers on the strictest platform, until the block ends."""
    model = options.pop("model", MODEL)
    volumes = {str(model): {"bind": "/app/src/prediction.py", "mode": "ro"}}
    # A line for each request would hide the few that count.
    variables = {"MLDOCK_SERVER_WORKERS": "2", "MLDOCK_LOGS_LEVEL": "WARNING"}
    variables |= options.pop("environment", {})
    key, value = LABEL.split("=")
    container = engine().containers.run(
        image.name,
        "serve",
        detach=True,
        # Not the label of a test's own, since tests share it.
        labels={key: f"{value}-shared"},
        volumes=options.pop("volumes", volumes),
        environment=variables,
        **STRICT | options,
    )
    try:
        container.reload()
        # Not through a published port: its proxy takes connections that the server refuses.
        (network,) = container.attrs["NetworkSettings"]["Networks"].values()
        server = Server(container, (network["IPAddress"], 8080))
        if ready:
            wait_until_ready(server.url, lambda: server.log)
        yield server
    finally:
        container.remove(force=True)


def wait_until(is_so: Callable[[], object], server: Server, seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)
