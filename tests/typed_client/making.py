"""A project whose client is made, and the application that asks with it."""

from __future__ import annotations

import os
import shutil
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

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run what the session runs, with the tests' own Python."""
        path = self.project.path
        return run(
            [sys.executable, "-m", "mldock", "client", *arguments],
            path,
            PATH=PATH,
            PYTHONPATH=os.pathsep.join([str(path), str(path / "src")]),
        )

    def ask(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the application."""
        command = [str(self.python), "client/application.py", *arguments]
        return run(command, self.project.path, **variables)

    def answers(self, *arguments: str, **variables: str) -> list[list[str]]:
        """Return the table that the application prints, cell by cell."""
        result = self.ask(*arguments, **variables)
        assert result.returncode == 0, result.stdout
        return [line.split() for line in result.stdout.splitlines()]

    def refused(self, *arguments: str, **variables: str) -> str:
        """Return why the application has no answers: in one line, and with no traceback."""
        result = self.ask(*arguments, **variables)
        assert result.returncode == 1, result.stdout
        assert "Traceback" not in result.stdout
        return result.stdout.splitlines()[-1]

    def check_types(self) -> str:
        """Return what mypy finds wrong with the client and the application, strictly."""
        # It keeps what it knows of the libraries from one client to the next.
        cache = f"--cache-dir={self.python.parents[1] / 'mypy'}"
        command = [str(self.python), "-m", "mypy", cache, "."]
        return run(command, self.folder).stdout


def run(command: list[str], path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nobody's settings of AWS, and return its exit code and output."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    nobody = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return subprocess.run(
        command,
        cwd=path,
        env={**kept, **nobody, "AWS_EC2_METADATA_DISABLED": "true", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=360,
    )


def uv(*arguments: str) -> None:
    """Run uv, which makes environments."""
    program = shutil.which("uv", path=PATH)
    assert program
    result = run([program, *arguments], Path.cwd())
    assert result.returncode == 0, result.stdout
