"""A generated project, and its commands run as its owner runs them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import copier
from uv import find_uv_bin

from tests.environments import environment
from tests.shared import SHARED

ROOT = Path(__file__).absolute().parents[1]
DESCRIPTIONS = sorted((ROOT / "templates").glob("*.yml"))
# Those that a capture has written have tests of their own, in tests/captured.
CAPTURED = [path.stem for path in DESCRIPTIONS if "\ncaptured:" in path.read_text("utf-8")]
TEMPLATES = [path.stem for path in DESCRIPTIONS if path.stem not in CAPTURED]


@dataclass
class Project:
    """A project in a folder."""

    path: Path

    def nox(
        self, session: str, *arguments: str, timeout: float = 600, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a session to its end and return its exit code and output."""
        with environment(self.path):
            return subprocess.run(
                self.command(session, *arguments),
                cwd=self.path,
                env={**os.environ, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
            )

    def start(self, session: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a session that goes on until it is stopped."""
        return subprocess.Popen(
            self.command(session, *arguments),
            cwd=self.path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def command(self, session: str, *arguments: str) -> list[str]:
        """Return the command line of a session."""
        return [sys.executable, "-m", "nox", "-s", session, "--", *arguments]

    def files(self) -> set[str]:
        """Return the paths of all files but the wheel of the runtime, relative to the folder."""
        return {
            path.relative_to(self.path).as_posix()
            for path in self.path.rglob("*")
            if (path.is_file() or path.is_symlink()) and path.suffix != ".whl"
        }


def generate(path: Path, **answers: str) -> Project:
    """Make a project as `copier copy --defaults --data ...` does, with no --trust.

    Copier takes seconds for each, so those of one name with the same answers are made once.
    """
    key = hashlib.sha256(json.dumps([path.name, answers]).encode()).hexdigest()[:16]
    made = SHARED.once(key, lambda folder: copy(folder / path.name, answers))
    shutil.copytree(made / path.name, path, symlinks=True, dirs_exist_ok=True)
    return Project(path)


def copy(path: Path, answers: dict[str, str]) -> None:
    """Run Copier with some answers, and the defaults of all others."""
    copier.run_copy(
        str(ROOT),
        path,
        data=answers,
        defaults=True,
        quiet=True,
        vcs_ref="HEAD",
        unsafe=False,
        # A developer's own settings must not change the result.
        settings=copier.Settings(),
    )
    requirements = path / "src/container/requirements.txt"
    text = requirements.read_text("utf-8") if requirements.is_file() else ""
    # A project of a captured template may stand on something else.
    if "mldock-runtime" not in text:
        return
    wheel = next(SHARED.once("runtime", build_runtime).glob("*.whl"))
    commit = re.search(r"@([0-9a-f]{40})$", text, re.MULTILINE)
    folder = path / "wheels" / (commit[1] if commit else "local")
    folder.mkdir()
    shutil.copy(wheel, folder)


def build_runtime(folder: Path) -> None:
    """Build the package of this working tree, which each project would build itself."""
    command = [find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)


def generate_for_torch(path: Path, wheels: Path, template: str) -> Project:
    """Make a project with the defaults; where torch is a wheel, one for that wheel's Python."""
    files = list(wheels.iterdir())
    if template != "pytorch" or not files:
        return generate(path, template=template)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    project = generate(path, template=template, python_version=version)
    for file in files:
        (project.path / "wheels" / file.name).hardlink_to(file)
    return project
