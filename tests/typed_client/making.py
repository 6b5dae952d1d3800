"""A project whose client is generated, and the application that asks with it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.project import Project

# As `nox` has it on PATH in the environment of the tests.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


@dataclass
class Owner:
    """The owner of a project, with a Python that has what the client needs."""

    project: Project
    python: Path

    @property
    def folder(self) -> Path:
        """Where the client is."""
        return self.project.path / "client"

    def generate(self) -> subprocess.CompletedProcess[str]:
        """Run what the session runs, with the tests' own Python."""
        src = str(self.project.path / "src")
        return run([sys.executable, "-m", "mldock", "client"], self.project.path, PYTHONPATH=src)

    def ask(self, *arguments: str, **variables: str) -> str:
        """Return what the application prints."""
        result = self.application(*arguments, **variables)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def refused(self, *arguments: str, **variables: str) -> str:
        """Return why the application has no answers: one line without a traceback."""
        result = self.application(*arguments, **variables)
        assert result.returncode == 1, result.stdout
        (line,) = result.stdout.splitlines()
        return line

    def application(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the application."""
        command = [str(self.python), "client/application.py", *arguments]
        return run(command, self.project.path, **variables)

    def check_types(self) -> str:
        """Return what mypy finds wrong with the client and the application, strictly."""
        # It keeps what it knows of the libraries from one client to the next.
        options = ["--strict", "--config-file=", f"--cache-dir={self.python.parents[1] / 'mypy'}"]
        command = [str(self.python), "-m", "mypy", *options, "--ignore-missing-imports", "."]
        return run(command, self.folder).stdout


def run(command: list[str], path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command without settings of AWS, and return its exit code and output."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    none = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return subprocess.run(
        command,
        cwd=path,
        env={**kept, **none, "AWS_EC2_METADATA_DISABLED": "true", "PATH": PATH, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=360,
    )
