"""Runs a project's own tests in a project that has its template's values changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from extensions.capture import Capture
from extensions.model import CaptureError
from extensions.proofs import Proof
from extensions.rendering import render
from extensions.runtime import QUESTION
from extensions.sentinels import sentinel_answers
from extensions.trees import write_tree

CLAIM = "The project's own tests pass in a project with other answers"
SHOWN = 40

SESSION = re.compile(r"^def test\(|^@nox\.session\(.*name=[\"']test[\"']", re.MULTILINE)


def own_tests_pass(capture: Capture, staged: Path) -> Proof:
    """Prove it by running them; parameters keep their original values."""
    sentinels = sentinel_answers(capture.project.files, capture.answers, ())
    # An image and a runtime that exist, in case the tests build an image.
    for name in ("base_image", QUESTION):
        sentinels.pop(name, None)
    answers = {**capture.answers, **sentinels}
    with TemporaryDirectory(prefix="capture-") as folder:
        root = Path(folder) / "project"
        write_tree(root, render(staged, answers).files)
        take_along(capture.project.root, root)
        command = command_of(root, capture.project.root)
        if command is None:
            return Proof(CLAIM, "the project has no tests", holds=False)
        result = run(command, root)
        if result.returncode:
            lines = result.stdout.splitlines()
            raise CaptureError(
                f"The project's own tests fail in a project called {answers['project_name']!r}; "
                f"nothing is written. {' '.join(command)} ended with {result.returncode}:\n\n"
                + "\n".join(lines[-SHOWN:])
                + "\n\nIf they pass in the project itself, a text in them or in a file that they "
                "read still has its old name. --no-tests leaves this proof out.",
                code=1,
            )
        summary = next((line for line in result.stdout.splitlines()[::-1] if "passed" in line), "")
        return Proof(CLAIM, summary.strip(" =") or "they end with 0")


def take_along(source: Path, target: Path) -> None:
    """Bring the wheels: the environment may need them to be installed."""
    for wheel in source.glob("wheels/**/*.whl"):
        place = target / wheel.relative_to(source)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(wheel, place)


def command_of(root: Path, original: Path) -> list[str] | None:
    """Return what runs the tests: the project's session, pytest, or nothing."""
    noxfile = root / "noxfile.py"
    if noxfile.is_file() and SESSION.search(noxfile.read_text("utf-8", "replace")):
        return [sys.executable, "-m", "nox", "-s", "test"]
    if any(root.glob("tests/**/test_*.py")) or any(root.glob("test_*.py")):
        # The project's own environment has what its tests import.
        folder = original / ".venv" / ("Scripts" if os.name == "nt" else "bin")
        python = next((str(path) for path in folder.glob("python*") if path.stem == "python"), None)
        return [python or sys.executable, "-m", "pytest"]
    return None


def run(command: list[str], root: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and return its exit code and output."""
    return subprocess.run(
        command,
        cwd=root,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def environment() -> Mapping[str, str]:
    """Return the environment without what belongs to the one that runs the capture."""
    own = ("VIRTUAL_ENV", "PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
    return {name: value for name, value in os.environ.items() if name not in own}
