"""`nox -s doctor` in the process of these tests, which saves a second of imports each time.

One test runs the session itself.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from tests.project import ROOT

Finding = dict[str, Any]

# How what is told of the machine begins; it depends on where the tests run.
MISSING = ("There is no docker", "No Docker engine", "This machine has no Python")
MACHINE = tuple(f"warning: {text}" for text in MISSING)


def run(project: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run the doctor of a project, and return its exit code and output."""
    printed = io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(
            mock.patch.object(sys, "path", [str(ROOT / "templates/_shared"), *sys.path])
        )
        doctor = importlib.import_module("tools.doctor.__main__")
        for module in (doctor, importlib.import_module("tools.environment")):
            stack.enter_context(mock.patch.object(module, "ROOT", project))
        stack.enter_context(mock.patch.object(sys, "argv", ["doctor", *arguments]))
        stack.enter_context(mock.patch.dict("os.environ", variables))
        stack.enter_context(contextlib.redirect_stdout(printed))
        return doctor.main(), printed.getvalue()


def examine(project: Path, **variables: str) -> list[Finding]:
    """Return what the doctor finds; its exit code and its order are as they must be."""
    code, output = run(project, "--json", **variables)
    findings: list[Finding] = json.loads(output)
    levels = [finding["level"] for finding in findings]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert code == ("error" in levels)
    assert all(finding["remedy"] for finding in findings)
    return findings


def errors(project: Path, **variables: str) -> dict[str, list[str]]:
    """Return the errors, each with its files."""
    return {
        found["what"]: found["files"]
        for found in examine(project, **variables)
        if found["level"] == "error"
    }


def told(project: Path, level: str) -> list[str]:
    """Return what is found at a level, but for what this machine lacks."""
    return [
        found["what"]
        for found in examine(project)
        if found["level"] == level and not found["what"].startswith(MISSING)
    ]
