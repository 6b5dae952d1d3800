"""One job on several hosts, as processes of this machine."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from tests.client import free_port
from tests.mldock.workspace import Run, Workspace

# The others connect to the first only, so the names of the rest lead nowhere.
HOSTS = ["localhost", "algo-2", "algo-3"]

TRAINER = """
host = environment.current_host
(environment.output_data_dir / "metrics").write_text(host)
(environment.base_dir / "training").touch()
{wait}
(environment.model_dir / "net").mkdir(exist_ok=True)
(environment.model_dir / "net" / "weights").write_text(host)
"""

# Until the test lets the host go on.
WAIT = "wait_for(environment.base_dir / 'go on')"


def saved(host: str) -> str:
    """Return what a host's log says when its results are saved; the first also has a report."""
    return f"MLDOCK_OUTPUT_CHANNEL_DATA: {3 if host == HOSTS[0] else 2} files stored"


class Cluster:
    """One job on several hosts, each with a disk of its own."""

    def __init__(self, path: Path, wait: str = "", **variables: str) -> None:
        self.path = path
        self.hosts = {}
        for name in HOSTS:
            workspace = Workspace(path / name)
            workspace.write_trainer(TRAINER.format(wait=wait))
            config = workspace.base_dir / "input" / "config"
            config.mkdir(parents=True)
            told = {"current_host": name, "hosts": HOSTS}
            (config / "resourceconfig.json").write_text(json.dumps(told))
            self.hosts[name] = workspace
        self.variables = {
            "MLDOCK_HOSTS_PORT": str(free_port()),
            "MLDOCK_OUTPUT_CHANNEL_DATA": str(path / "output"),
            "MLDOCK_MODEL_OUTPUT_CHANNEL_NET": str(path / "kept"),
            **variables,
        }

    def start(self, *names: str, **variables: str) -> list[Run]:
        """Start hosts, all of them if none is named."""
        return [
            self.hosts[name].start("train", **self.variables, **variables)
            for name in names or HOSTS
        ]

    def start_training(self) -> dict[str, Run]:
        """Start all hosts, and wait until all of them train."""
        runs = dict(zip(HOSTS, self.start(), strict=True))
        for name, run in runs.items():
            run.wait_for(self.hosts[name].base_dir / "training")
        return runs

    def go_on(self, *names: str) -> None:
        """Let trainers come to their end, all of them if none is named."""
        for name in names or HOSTS:
            (self.hosts[name].base_dir / "go on").touch()

    def end(self) -> None:
        """End what still runs."""
        for workspace in self.hosts.values():
            for run in workspace.runs:
                kill(run)


def kill(run: Run) -> None:
    """Kill a host with all its processes, as the end of its container does."""
    pid = run.process.pid
    if run.process.poll() is None:
        # Stopped first, so that it starts nothing more and does not see its trainer's end.
        os.kill(pid, signal.SIGSTOP)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        run.process.kill()
    run.process.wait()
