# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""The commands of this project: `nox -l` lists them, `nox -s train -- --help` explains one.

What a session does lies in `tools/`. They share one environment, `.venv/`, which the first of them
makes; so each of them starts at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "test"]
nox.options.default_venv_backend = "none"

ROOT = Path(__file__).parent
PYTHON = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"

# Makes this project from its template; only the doctor runs it here.
COPIER = "copier==9.19.1"


@nox.session
def train(session: nox.Session) -> None:
    """Train the model: -- [--docker] [--hosts N] [--stage NAME] [-p NAME VALUE] [-e NAME VALUE]."""
    run(session, "-m", "mldock", "train", *session.posargs)


@nox.session
def serve(session: nox.Session) -> None:
    """Serve the model: -- [--docker] [--reload] [--port PORT] [--stage NAME] [-e NAME VALUE]."""
    run(session, "-m", "mldock", "serve", *session.posargs)


@nox.session
def predict(session: nox.Session) -> None:
    """Send a request: -- [FILE] [--url URL] [--accept TYPE]."""
    execute(sys.executable, "src/mldock/cli/predict.py", *session.posargs)


@nox.session
def data(session: nox.Session) -> None:
    """Manage the channels: -- list|pull|push|add|remove [NAME] [--stage NAME]."""
    run(session, "-m", "mldock", "data", *session.posargs)


@nox.session
def report(session: nox.Session) -> None:
    """Compare the last runs, open the report: -- [--last N] [--stage NAME | --from PLACE]."""
    run(session, "-m", "mldock", "report", *session.posargs)


@nox.session
def kpis(session: nox.Session) -> None:
    """Keep coverage and metrics with the version: -- [--stage NAME] [--push] [--kept]."""
    run(session, "-m", "mldock", "kpis", *session.posargs)


@nox.session
def stop(session: nox.Session) -> None:
    """Stop the server."""
    run(session, "-m", "mldock", "stop", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build the image: -- [--stage NAME] [--tag TAG] [options of docker build]."""
    run(session, "-m", "mldock", "build", *session.posargs)


@nox.session
def push(session: nox.Session) -> None:
    """Send the image to its registry: -- [--stage NAME] [--tag TAG] [--create]."""
    run(session, "-m", "mldock", "push", *session.posargs)


@nox.session
def pull(session: nox.Session) -> None:
    """Fetch the image from its registry: -- [--stage NAME] [--tag TAG]."""
    run(session, "-m", "mldock", "pull", *session.posargs)


@nox.session
def deploy(session: nox.Session) -> None:
    """Run the image elsewhere: -- sagemaker|kubernetes COMMAND [--stage NAME] [--tag TAG]."""
    run(session, "-m", "mldock", "deploy", *session.posargs)


@nox.session
def client(session: nox.Session) -> None:
    """Make a typed Python client and an application that uses it: -- [--url URL]."""
    run(session, "-m", "mldock", "client", *session.posargs)


@nox.session
def test(session: nox.Session) -> None:
    """Test the project: -- [options of pytest]; `-m docker` tests the built image."""
    run(session, "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check format, style and types; `-- --fix` mends what can be mended."""
    fix = "--fix" in session.posargs
    run(session, "-m", "ruff", "format", *([] if fix else ["--diff"]), ".")
    run(session, "-m", "ruff", "check", *(["--fix"] if fix else []), ".")
    run(session, "-m", "mypy")


@nox.session
def lock(session: nox.Session) -> None:
    """Write the exact versions of all requirements into src/requirements.lock."""
    run(session, "-m", "mldock", "lock", *session.posargs)


# An environment of its own, since the doctor is also asked where the other cannot be made.
@nox.session(venv_backend="uv|virtualenv", reuse_venv=True)
def doctor(session: nox.Session) -> None:
    """Report what `copier update` would lose without a word, and how to keep it."""
    session.install(COPIER)
    session.run("python", "-m", "mldock", "doctor", *session.posargs)


def run(session: nox.Session, *arguments: str) -> None:
    """Run Python in the project's environment."""
    session.log(" ".join(arguments))
    execute(sys.executable, "src/mldock/cli/environment.py")
    execute(str(PYTHON), *arguments)


def execute(*command: str) -> None:
    """Run a command to its end; its exit code, when it is not 0, becomes nox's.

    nox's own runner would answer 1 to every failure, and end a server half a second after Ctrl-C.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    while True:
        try:
            code = process.wait()
            break
        # The command has had the same Ctrl-C and is ending in order.
        except KeyboardInterrupt:
            continue
    if code:
        sys.exit(code)
