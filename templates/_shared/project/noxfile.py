# /// script
# dependencies = ["nox>=2025.2.9", "uv==0.13.8"]
# ///
"""The commands of this project: `nox -l` lists them, `nox -s train -- --help` explains one.

All run in one environment, `.venv/`, which the first of them makes; so each of them starts at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

import nox
from uv import find_uv_bin

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "test"]
nox.options.default_venv_backend = "none"

ROOT = Path(__file__).parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
REQUIREMENTS = ["src/requirements.txt", "src/container/requirements.txt", "requirements-dev.txt"]
LOCK = "src/requirements.lock"

# Made this project from its template; only the doctor runs it here.
COPIER = "copier==9.19.1"

COMMANDS = {
    "train": "Train the model: -- [--docker] [--hosts N] [--stage NAME] [-p NAME VALUE]",
    "serve": "Serve the model: -- [--docker] [--reload] [--port PORT] [--stage NAME]",
    "predict": "Send a request: -- [FILE] [--url URL] [--accept TYPE]",
    "stop": "Stop the server",
    "data": "Manage the channels: -- list|pull|push|add|remove [NAME] [--stage NAME]",
    "report": "Compare the last runs, open the report: -- [--last N] [--stage NAME | --from PLACE]",
    "kpis": "Keep coverage and metrics with the version: -- [--stage NAME] [--push] [--kept]",
    "client": "Make a typed Python client and an application that uses it: -- [--url URL]",
    "lock": "Write the exact versions of all requirements into src/requirements.lock",
    "build": "Build the image: -- [--stage NAME] [--tag TAG] [options of docker build]",
    "push": "Send the image to its registry: -- [--stage NAME] [--tag TAG] [--create]",
    "pull": "Fetch the image from its registry: -- [--stage NAME] [--tag TAG]",
    "deploy": "Run the image elsewhere: -- sagemaker|kubernetes COMMAND [--stage NAME] [--tag TAG]",
}


def add_session(name: str, description: str) -> None:
    """Add a session that runs the command of mldock with the same name."""

    def command(session: nox.Session) -> None:
        run("-m", "mldock", name, *session.posargs)

    command.__doc__ = description
    nox.session(name=name)(command)


for name, description in COMMANDS.items():
    add_session(name, description)


@nox.session
def test(session: nox.Session) -> None:
    """Test the project: -- [options of pytest]; `-m docker` tests the built image."""
    run("-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check format, style and types: -- [--fix]."""
    fix = "--fix" in session.posargs
    run("-m", "ruff", "format", *([] if fix else ["--diff"]), ".")
    run("-m", "ruff", "check", *(["--fix"] if fix else []), ".")
    run("-m", "mypy")


# An environment of its own, since the doctor is also asked where the other cannot be made.
@nox.session(venv_backend="uv|virtualenv", reuse_venv=True)
def doctor(session: nox.Session) -> None:
    """Report what `copier update` would lose without a word, and how to keep it."""
    session.install(COPIER, str(runtime()))
    session.run("python", "-m", "mldock", "doctor", *session.posargs)


@nox.session(name="install")
def install_only(session: nox.Session) -> None:
    """Install the requirements into .venv, for an editor."""
    install()
    session.log(f"The environment is {VENV}.")


@nox.session
def wheels(session: nox.Session) -> None:
    """Put mldock-runtime into wheels/, to be committed: builds then need no other source."""
    session.log(str(runtime().relative_to(ROOT)))


def run(*arguments: str) -> None:
    """Run Python in the project's environment; its exit code, when it is not 0, becomes nox's.

    nox's own runner would answer 1 to every failure, and end a server half a second after Ctrl-C.
    """
    install()
    programs = [str(PYTHON.parent), str(Path(find_uv_bin()).parent), os.environ["PATH"]]
    variables = {"PATH": os.pathsep.join(programs), "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([PYTHON, *arguments], cwd=ROOT, env={**os.environ, **variables})
    while True:
        try:
            code = process.wait()
            break
        # The command has had the same Ctrl-C and is ending in order.
        except KeyboardInterrupt:
            continue
    if code:
        sys.exit(code)


def install() -> None:
    """Make the environment, unless it is there and made of what the files now say."""
    version = python_version()
    wheel = runtime()
    files = [ROOT / name for name in [*REQUIREMENTS, LOCK, "pyproject.toml"]]
    made_of = [version.encode(), wheel.read_bytes(), *(path.read_bytes() for path in files)]
    stamp, wanted = VENV / "made-of.txt", hashlib.sha256(b"\0".join(made_of)).hexdigest()
    if PYTHON.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing the requirements into .venv, which takes some seconds once.", flush=True)
    uv = find_uv_bin()
    find = [uv, "python", "find", "--no-project", version]
    python = subprocess.run(find, capture_output=True, text=True).stdout.strip()
    if not python:
        print(f"This machine has no Python {version} as the image has: .venv gets that of nox.")
    execute(uv, "venv", "--quiet", "--clear", "--python", python or sys.executable, str(VENV))
    # The wheel takes the place of the line in src/container/requirements.txt.
    override = VENV / "override.txt"
    override.write_text(f"mldock-runtime[cli] @ {wheel.as_uri()}\n", encoding="utf-8")
    options = ["--find-links", "wheels", "--constraints", LOCK, "--overrides", str(override)]
    if any(ROOT.glob("wheels/torch-*.whl")):
        # pyproject.toml may name an index for torch, which uv would then ask all the same.
        options.append("--no-config")
    files_of = [argument for name in REQUIREMENTS for argument in ("--requirements", name)]
    execute(uv, "pip", "install", "--quiet", "--python", str(VENV), *options, *files_of)
    # What editors check mldock.json with.
    execute(str(PYTHON), "-m", "mldock", "schema", str(VENV / "mldock.schema.json"))
    stamp.write_text(wanted, encoding="utf-8")


def python_version() -> str:
    """Return the version of Python that mldock.json names."""
    path = ROOT / "mldock.json"
    try:
        return str(json.loads(path.read_bytes())["python_version"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.exit(f"{path} names no python_version: {error}. Correct it, or restore it from git.")


def runtime() -> Path:
    """Return the wheel of mldock-runtime; where wheels/ has none, it is built from its source."""
    text = (ROOT / "src/container/requirements.txt").read_text(encoding="utf-8")
    source = re.findall(r"^mldock-runtime @ (?:git\+)?(\S+)$", text, re.MULTILINE)[0]
    url, _, commit = source.rpartition("@") if "git+" in text else (source, "", "local")
    folder = ROOT / "wheels" / commit
    wheel = next(folder.glob("mldock_runtime-*.whl"), None)
    local = Path(unquote(url.removeprefix("file://")))
    if wheel and (commit != "local" or not local.is_dir() or is_newer(wheel, local / "src/mldock")):
        return wheel
    if url.startswith("file:") and not local.exists():
        sys.exit(
            f"The runtime comes from {local}, which is not on this machine. Where it is: "
            "nox -s wheels, and commit wheels/."
        )
    print(f"Building the runtime of {url} into {folder.relative_to(ROOT)}.", flush=True)
    for old in (ROOT / "wheels").glob("*/mldock_runtime-*.whl"):
        shutil.rmtree(old.parent)
    with tempfile.TemporaryDirectory() as checkout:
        if commit != "local":
            execute("git", "clone", "--quiet", "--no-checkout", url, checkout)
            execute("git", "-C", checkout, "checkout", "--quiet", commit)
        built_from = str(local) if commit == "local" else checkout
        execute(find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(folder), built_from)
    # uv writes it: git would not see the wheel.
    (folder / ".gitignore").unlink(missing_ok=True)
    return next(folder.glob("mldock_runtime-*.whl"))


def is_newer(wheel: Path, folder: Path) -> bool:
    """Return whether a wheel is newer than all files of a folder."""
    built = wheel.stat().st_mtime
    return all(path.stat().st_mtime <= built for path in folder.rglob("*"))


def execute(*command: str) -> None:
    """Run a command, which says itself what goes wrong: no such requirement, no network."""
    if code := subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(code)
