"""A machine of GitHub Actions: it runs the jobs of a workflow, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.generate.repository import Repository
from tests.workflows.jobs import Event

# Of this machine a job knows where packages come from, and nothing else.
KEPT = ("PIP_", "SSL_", "REQUESTS_")

# An engine of this age can keep layers only in a builder whose image is nowhere to be had without
# the internet; so here `docker` forgets what a job says about that builder and its cache.
DOCKER = """\
#!/bin/bash
set -e
if [ "$1 $2" = "buildx create" ]; then exit; fi
arguments=()
if [ "$1" = build ]; then
    while [ $# -gt 0 ]; do
        case "$1" in
            --load) ;;
            --cache-from) shift ;;
            --cache-to) shift; mkdir -p "$(sed 's/.*dest=//; s/,.*//' <<< "$1")" ;;
            *) arguments+=("$1") ;;
        esac
        shift
    done
    set -- "${arguments[@]}"
fi
exec REAL "$@"
"""


def engine_without_cache(folder: Path, real: str | None = None) -> Path:
    """Write the `docker` of the jobs, which asks the real one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "docker"
    path.write_text(DOCKER.replace("REAL", real or shutil.which("docker") or "docker"), "utf-8")
    path.chmod(0o755)
    return path


@dataclass
class Machine:
    """Runs jobs of one repository for one event.

    Attributes:
        repository: What is checked out.
        event: What has started the workflow.
        path: Where all lies that the jobs make.
        skipped: Steps that need what is not here, by the beginning of their names.

    """

    repository: Repository
    event: Event
    path: Path
    skipped: tuple[str, ...] = ()
    ran: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """The home directory of all jobs."""
        return self.path / "home"

    def run(self, name: str, job: dict[str, Any]) -> Path:
        """Run the steps of a job, which all succeed, and return its folder."""
        workspace = self.path / name
        self.home.mkdir(exist_ok=True)
        engine_without_cache(self.path / "bin")
        for step in job["steps"]:
            title = step["name"]
            if not self.event.wants(step) or title.startswith(self.skipped):
                continue
            self.ran.append(f"{name}: {title}")
            if "uses" in step:
                self.use(step["uses"].split("@")[0], step.get("with", {}), workspace)
            else:
                self.call(step["run"], workspace, {**job.get("env", {}), **step.get("env", {})})
        return workspace

    def call(self, script: str, workspace: Path, variables: dict[str, str]) -> None:
        """Run a script as GitHub does where the shell is said to be bash."""
        kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}
        own = {
            "HOME": str(self.home),
            "PATH": f"{self.path / 'bin'}:{self.path / 'python/bin'}:/usr/local/bin:/usr/bin:/bin",
            "CI": "true",
            **{name: self.fill(value, workspace) for name, value in variables.items()},
        }
        result = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=workspace,
            env={**kept, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=500,
        )
        assert result.returncode == 0, f"{script}\n{result.stdout[-6000:]}"

    def fill(self, text: str, workspace: Path) -> str:
        """Return the value of a variable."""
        return self.event.fill(text.replace("${{ github.workspace }}", str(workspace)))

    def use(self, action: str, inputs: dict[str, str], workspace: Path) -> None:
        """Do what an action does."""
        if action == "actions/checkout":
            self.repository.clone(workspace)
        elif action == "actions/setup-python":
            if not (self.path / "python").exists():
                venv = [sys.executable, "-m", "venv", str(self.path / "python")]
                subprocess.run(venv, check=True, timeout=360)
        elif action == "actions/upload-artifact":
            source, target = workspace / inputs["path"], self.path / "artifacts" / inputs["name"]
            assert source.exists()
            target.mkdir(parents=True)
            for file in source.iterdir() if source.is_dir() else [source]:
                shutil.copy2(file, target)
        elif action == "actions/download-artifact":
            source, target = self.path / "artifacts" / inputs["name"], workspace / inputs["path"]
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            assert action == "actions/cache"
