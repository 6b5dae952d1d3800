"""A job of several hosts as processes of this machine, each with a base directory of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

# Each name leads to this machine.
NAMES = ("localhost", "127.0.0.2", "127.0.0.3")
# On a cluster whose addresses are those of IPv6; all connect to the first.
NAMES_OF_IPV6 = ("::1", "fd00::2", "fd00::3")

# A busy machine starts a dozen processes in it; in seconds.
PATIENCE = 400.0


@dataclass
class Job:
    """Hosts that know of each other, as `resourceconfig.json` tells it.

    Attributes:
        project: A project with an environment, `.venv/`.
        folder: Where the base directories of the hosts are.
        count: The number of hosts.
        hyperparameters: Those of the run.
        data: The directory of the channel `training`; the project's own by default.
        names: The names of all hosts.
        processes: What runs as each host.

    """

    project: Path
    folder: Path
    count: int
    hyperparameters: dict[str, object]
    variables: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    data: Path | None = None
    names: tuple[str, ...] = NAMES

    def start(self) -> None:
        """Start all hosts."""
        for name in ("HOSTS", "RENDEZVOUS", "SCHEDULER"):
            self.variables[f"MLDOCK_{name}_PORT"] = str(free_port())
        for index in range(self.count):
            config = self.base_dir(index) / "input" / "config"
            config.mkdir(parents=True)
            channel = self.base_dir(index) / "input" / "data" / "training"
            channel.parent.mkdir()
            channel.symlink_to(self.data or self.project / "data" / "training")
            texts = {name: str(value) for name, value in self.hyperparameters.items()}
            (config / "hyperparameters.json").write_text(json.dumps(texts), "utf-8")
            resources = {"current_host": self.names[index], "hosts": self.names[: self.count]}
            (config / "resourceconfig.json").write_text(json.dumps(resources), "utf-8")
            self.processes.append(self.start_host(index))

    def start_host(self, index: int) -> subprocess.Popen[bytes]:
        """Start a host, for the first time or again."""
        variables = {
            **os.environ,
            **self.variables,
            "MLDOCK_BASE_DIR": str(self.base_dir(index)),
            # As in the image.
            "MLDOCK_STOPPED_EXIT_CODE": "0",
            "PYTHONPATH": str(self.project / "src"),
            # All hosts share the processors of this machine.
            "OMP_NUM_THREADS": "1",
        }
        with (self.base_dir(index) / "log").open("ab") as log:
            return subprocess.Popen(
                [python_of(self.project), "-m", "container.training.train"],
                cwd=self.project,
                env=variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def base_dir(self, index: int) -> Path:
        """Return the directory of a host."""
        return self.folder / self.names[index]

    def log(self, index: int = 0) -> str:
        """Return what a host has logged."""
        return (self.base_dir(index) / "log").read_text("utf-8", errors="replace")

    def confusion(self) -> list[list[int]]:
        """Return how the first host classified the rows that it held out."""
        (run,) = (self.base_dir(0) / "output" / "data" / "runs").glob("*.jsonl")
        lines = [json.loads(line) for line in run.read_text("utf-8").splitlines()]
        (counts,) = [line["confusion"] for line in lines if "confusion" in line]
        return [[int(count) for count in row] for row in counts]

    def wait(self) -> list[int]:
        """Wait until all hosts have ended, and return their exit codes."""
        until = time.monotonic() + PATIENCE
        return [process.wait(max(until - time.monotonic(), 0)) for process in self.processes]

    def train(self) -> Job:
        """Run to the end, which must be a good one."""
        self.start()
        try:
            assert self.wait() == [0] * self.count, "\n".join(map(self.log, range(self.count)))
        finally:
            self.end()
        return self

    def wait_for(self, text: str, index: int = 0) -> None:
        """Wait until a host has logged a text."""
        poll(lambda: text in self.log(index), lambda: f"{text!r} is not in {self.log(index)}")

    def children(self, index: int, words: str) -> list[int]:
        """Return the processes of a host, at any depth, whose command line has the words."""
        lines = subprocess.check_output(["ps", "-wweo", "pid=,ppid=,args="], text=True).splitlines()
        table = [line.split(None, 2) for line in lines]
        found, parents = [], {str(self.processes[index].pid)}
        # A child may have a lower number than its parent.
        while news := [row for row in table if row[1] in parents and row[0] not in parents]:
            parents |= {row[0] for row in news}
            found += [int(row[0]) for row in news if words in row[-1]]
        return found

    def kill(self, index: int) -> None:
        """End a host as a machine that is switched off, but for the network's silence."""
        host = self.processes[index].pid
        with suppress(ProcessLookupError):
            # It must not see the end of its trainer, which has a session of its own.
            os.kill(host, signal.SIGSTOP)
            for process in [*self.children(index, ""), host]:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)

    def end(self) -> None:
        """Leave nothing of it."""
        for index, process in enumerate(self.processes):
            self.kill(index)
            process.wait()


def poll(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, told()
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("localhost", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def python_of(project: Path) -> str:
    """Return the Python of a project's environment."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    return str(project / ".venv" / folder / "python")
