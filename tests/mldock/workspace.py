"""A workspace: a project of the person's two files, and containers that run it without Docker."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from textwrap import dedent, indent

ROOT = Path(__file__).absolute().parents[2]
CONTAINER = ROOT / "templates" / "_shared" / "src" / "container"
PACKAGE = ROOT / "src" / "mldock"

# No wait of a test is longer.
TIMEOUT = 150.0

TRAINER = """\
import os
import sys
import time
from pathlib import Path

from pydantic import BaseModel

from mldock import StopRequested


class Hyperparameters(BaseModel):
    epochs: int = 1


def wait_for(path):
    deadline = time.monotonic() + 150
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} does not appear"
        time.sleep(0.01)


def train(environment, hyperparameters):
"""

SAVE = """
(environment.model_dir / "net").mkdir()
(environment.model_dir / "net" / "weights").write_text("0.5")
"""

LIFECYCLES = """
import time

from mldock import ServingLifecycle, TrainingLifecycle


class TrainingContainer(TrainingLifecycle):
    def startup(self):
        super().startup()
        STARTUP

    def cleanup(self):
        CLEANUP
        super().cleanup()


class ServingContainer(ServingLifecycle):
    SERVING
"""


def assets(startup: str = "pass", cleanup: str = "pass", serving: str = "pass") -> str:
    """Return an assets.py that does something after the startup, and before the cleanup."""
    parts = {"STARTUP": startup, "CLEANUP": cleanup, "SERVING": serving}
    text = LIFECYCLES
    for name, body in parts.items():
        text = text.replace(name, body)
    return text


class Workspace:
    """A project in a folder, its runtime a link as in the templates; `/opt/ml` is beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.src = path / "src"
        self.executor = self.src / "container" / "executor.sh"
        self.base_dir = path / "opt" / "ml"
        self.runs: list[Run] = []
        for directory in (self.src, self.base_dir):
            directory.mkdir(parents=True)
        (self.src / "container").symlink_to(CONTAINER)
        (self.src / "mldock").symlink_to(PACKAGE)
        self.write("mldock.json", json.dumps({"image_name": "test"}))

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self.path / name).write_text(dedent(text), encoding="utf-8")

    def write_trainer(self, body: str) -> None:
        """Write a trainer whose `train` does what `body` says."""
        (self.src / "trainer.py").write_text(TRAINER + indent(dedent(body), "    "), "utf-8")

    def write_assets(self, text: str) -> None:
        """Write an assets.py of its own, in the place of the one that all projects begin with."""
        container = self.src / "container"
        container.unlink()
        shutil.copytree(CONTAINER, container)
        (container / "assets.py").write_text(dedent(text), "utf-8")

    def start(self, *command: str, **variables: str) -> Run:
        """Start `executor.sh` with a command, as a platform does, and return at once."""
        run = Run(self, [str(self.executor), *command], variables)
        self.runs.append(run)
        return run

    def train(self, **variables: str) -> Run:
        """Run a training job to its end."""
        run = self.start("train", **variables)
        run.wait()
        return run

    @property
    def failure(self) -> str:
        """The text of the failure file; empty without one."""
        path = self.base_dir / "output" / "failure"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def end(self) -> None:
        """End what still runs."""
        for run in self.runs:
            run.end()


class Run:
    """A container that runs, or has run."""

    def __init__(
        self,
        workspace: Workspace,
        command: list[str],
        variables: dict[str, str],
        cwd: Path | None = None,
    ) -> None:
        self.log_file = workspace.path / f"{len(workspace.runs)}.log"
        foreign = ("MLDOCK_", "SAGEMAKER_", "AWS_", "PYTHONPATH")
        clean = {key: text for key, text in os.environ.items() if not key.startswith(foreign)}
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env={
                    **clean,
                    "MLDOCK_BASE_DIR": str(workspace.base_dir),
                    # As in the image.
                    "MLDOCK_STOPPED_EXIT_CODE": "0",
                    "PATH": os.pathsep.join([str(Path(sys.executable).parent), clean["PATH"]]),
                    # The runtime is shared: no bytecode into the templates.
                    "PYTHONDONTWRITEBYTECODE": "1",
                    # Its own words at a start say where it listens.
                    "GUNICORN_CMD_ARGS": "--log-level info",
                    **variables,
                },
                cwd=cwd,
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        """What the container has written so far."""
        return self.log_file.read_text(encoding="utf-8")

    @property
    def address(self) -> str:
        """Where gunicorn listens, as its log says."""
        return str(re.findall(r"Listening at: (\S+)", self.log)[0])

    @property
    def gunicorn(self) -> list[int]:
        """The process that leads gunicorn, as its log says; none before it listens."""
        return [int(pid) for pid in re.findall(r"Listening at: \S+ \((\d+)\)", self.log)]

    def wait(self) -> int:
        """Return the exit code."""
        return self.process.wait(TIMEOUT)

    def wait_for(self, sign: Path | str) -> None:
        """Wait until a file appears, or words in the log."""
        deadline = time.monotonic() + TIMEOUT
        while not self.shows(sign):
            goes_on = self.process.poll() is None and time.monotonic() < deadline
            assert goes_on or self.shows(sign), f"{sign} does not appear:\n{self.log}"
            time.sleep(0.01)

    def shows(self, sign: Path | str) -> bool:
        """Say whether a file is there, or words are in the log."""
        return sign.exists() if isinstance(sign, Path) else sign in self.log

    def terminate(self) -> None:
        """Send SIGTERM, as a platform does."""
        self.process.terminate()

    def end(self) -> None:
        """End it, in order if that works, and what it has started."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(TIMEOUT)
        # In order, it has waited for them; else they are a group of their own.
        for pid in self.gunicorn if self.process.returncode else ():
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
