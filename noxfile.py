#!/usr/bin/env -S uv run --script
# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""The commands of this repository: `nox -l` lists them."""

from __future__ import annotations

import os
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "tests"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"

PROJECT = nox.project.load_toml("pyproject.toml")


@nox.session
def demo(session: nox.Session) -> None:
    """Make a project, train, serve and ask it: -- [sklearn|pytorch|generic] [--docker]."""
    install(session, "demo")
    session.run("python", "-m", "scripts.demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests, those of the image where a Docker engine answers: -- [pytest's options]."""
    install(session, "tests")
    # One process more than there are processors, since now and then one waits for a container.
    processes = str(min(os.cpu_count() or 1, 3) + 1)
    share = ["-n", processes, "--dist", "loadfile", "--no-loadscope-reorder"]
    # Azure's emulator is a program for Node.js, which the group brings along.
    folder = Path(".nox", "azurite").resolve()
    silent = ["--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    session.run("npm", "install", *silent, "azurite@3.37.0")
    azurite = str(folder / "node_modules" / ".bin" / "azurite")
    session.run("pytest", *share, *session.posargs, env={"AZURITE": azurite})


@nox.session
def unit(session: nox.Session) -> None:
    """Run the tests that start no program, in seconds: -- [pytest's options]."""
    install(session, "tests")
    session.run("pytest", "-n", "auto", "tests/unit", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure: -- serving|soak|transfer|transfer_plot|capture|hosts|comparison [options]."""
    install(session, "tests")
    name, *options = session.posargs or ["serving"]
    session.run("python", "-m", f"benchmarks.{name}", *options)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into .nox/site/, strictly: -- [serve]."""
    install(session, "docs")
    command = session.posargs or ["build", "--strict"]
    # Another product of mkdocs-material's makers is advertised at each start.
    session.run("python", "-m", "mkdocs", *command, env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def lint(session: nox.Session) -> None:
    """Check format, style and types of this repository; tests check the generated projects."""
    install(session, "lint")
    session.run("ruff", "format", "--diff", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("shellcheck", "templates/_shared/src/container/executor.sh", ".ci/run")


@nox.session(name="build-template")
def build_template(session: nox.Session) -> None:
    """Make a template of a working project, with proof: -- PATH [--name NAME] [options]."""
    install(session, "capture")
    session.run("python", "-m", "extensions", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Write the newest exact versions into the locks of the templates: -- [TEMPLATE...]."""
    install(session, "demo")
    session.run("python", "-m", "scripts.lock_templates", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Check that every project can be updated, then name and tag it: -- X.Y.Z [--dry-run]."""
    install(session, "tests")
    session.run("python", "-m", "scripts.release", *session.posargs)


def install(session: nox.Session, group: str) -> None:
    """Install a group of pyproject.toml, and the package as it is in src/."""
    session.install("--editable", ".[cli]", *nox.project.dependency_groups(PROJECT, group))
