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
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import nox
from uv import find_uv_bin

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "test"]
nox.options.default_venv_backend = "none"
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # So that what it runs ends, too.
os.environ["PATH"] += os.pathsep + str(Path(find_uv_bin()).parent)  # Where PATH has no uv.

ROOT = Path(__file__).parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WHEELS = ROOT / "wheels"
RUNTIME = "src/container/requirements.txt"
REQUIREMENTS = ["src/requirements.txt", RUNTIME, "requirements-dev.txt"]
LOCK, PYPROJECT = "src/requirements.lock", ROOT / "pyproject.toml"

COMMANDS = {
    "train": "Train the model: -- [--docker] [--hosts N] [--stage NAME] [-p NAME=VALUE]",
    "serve": "Serve the model: -- [--docker] [--reload] [--port PORT] [--stage NAME]",
    "predict": "Send a request: -- [FILE] [--url URL] [--accept TYPE]",
    "stop": "Stop the server",
    "data": "Manage the channels: -- list|pull|push|add|remove [NAME] [--stage NAME]",
    "report": "Compare the last runs, open the report: -- [--last N] [--stage NAME | --from PLACE]",
    "kpis": "Keep coverage and metrics with the version: -- [--stage NAME] [--push] [--kept]",
    "client": "Generate a typed Python client and an application that uses it",
    "schema": "Write the schema of mldock.json into .venv, for an editor",
    "build": "Build the image: -- [--stage NAME] [--tag TAG] [options of docker build]",
    "push": "Push the image to its registry: -- [--stage NAME] [--tag TAG] [--create]",
    "pull": "Pull the image from its registry: -- [--stage NAME] [--tag TAG]",
    "deploy": "Run the image elsewhere: -- PLATFORM COMMAND [--stage NAME] [--tag TAG]",
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


# The next two have an environment of their own: they are for when .venv has no solution.
@nox.session(venv_backend="uv|virtualenv", reuse_venv=True)
def lock(session: nox.Session) -> None:
    """Write the exact versions of all requirements into src/requirements.lock: -- [--upgrade]."""
    session.install(f"mldock-runtime[cli]{runtime()}")
    run("-m", "mldock", "lock", *session.posargs, python=Path(session.bin, "python"))


@nox.session(venv_backend="uv|virtualenv", reuse_venv=True)
def doctor(session: nox.Session) -> None:
    """Report what `copier update` would lose without a word, and how to keep it."""
    session.install(f"mldock-runtime[doctor]{runtime()}")
    run("-m", "mldock", "doctor", *session.posargs, python=Path(session.bin, "python"))


@nox.session
def wheels(session: nox.Session) -> None:
    """Put mldock-runtime into wheels/: -- [--check (build it again) | --all (and all others)]."""
    # The package must not check itself.
    if session.posargs in ([], ["--check"]):
        session.log(f"mldock-runtime{runtime(check=bool(session.posargs))}")
    else:
        run("-m", "mldock", "wheels", *session.posargs)


def run(*arguments: str, python: Path = PYTHON) -> None:
    """Run Python in the project's environment; its exit code, when it is not 0, becomes nox's.

    nox's own runner would answer 1 to every failure, and end a server half a second after Ctrl-C.
    """
    if python == PYTHON:
        install()
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([python, *arguments], cwd=ROOT, env=variables)
    # The command gets the same Ctrl-C, and ends in order.
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
    end = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    code = process.wait()
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, end)
    if code:
        sys.exit(code if code > 0 else 128 - code)  # As a shell tells of a signal.


def install() -> None:
    """Make the environment, unless it is there and made of what the files now say."""
    package = runtime()
    try:
        version = str(json.loads((ROOT / "mldock.json").read_bytes()).get("python_version", "3"))
    except (OSError, ValueError, AttributeError) as error:
        sys.exit(f"mldock.json cannot be read: {error}. Correct it, or restore it from git.")
    files = [ROOT / name for name in [*REQUIREMENTS, LOCK]]
    for path in [*files, PYPROJECT]:
        name = path.relative_to(ROOT)
        if not path.is_file():
            sys.exit(f"{name} is missing. Restore it from git.")
        if re.search(r"(?m)^mldock(?![-.\w])", path.read_text("utf-8")):
            sys.exit(f"{name} has mldock, whose files are in the way of mldock-runtime. Remove it.")
    files += WHEELS.glob("*/mldock_runtime-*.whl")
    for_uv = re.findall(rb"(?ms)^\[+tool\.uv\b.*?(?=^\[|\Z)", PYPROJECT.read_bytes())
    parts = [version.encode(), *for_uv], [path.read_bytes() for path in files]
    base, rest = (hashlib.sha256(b"\0".join(part)).hexdigest() for part in parts)
    stamp = VENV / "made-of.txt"
    made_of = stamp.read_text(encoding="utf-8") if PYTHON.exists() and stamp.is_file() else ""
    if made_of == f"{base} {rest}":
        return
    print("Installing the requirements into .venv, which takes some seconds once.", flush=True)
    uv = find_uv_bin()
    find = [uv, "python", "find", "--no-project", version]
    python = subprocess.run(find, capture_output=True, text=True).stdout.strip()
    if not python:
        wanted, version = version, "{}.{}".format(*sys.version_info)
        print(f"This machine has no Python {wanted}: .venv gets {version}, --docker the image's.")
    if not made_of.startswith(base):  # Else what somebody has added stays.
        execute(uv, "venv", "--quiet", "--clear", "--python", python or sys.executable, str(VENV))
    # It takes the place of the line in src/container/requirements.txt.
    override = VENV / "override.txt"
    override.write_text(f"mldock-runtime[cli]{package}\n", encoding="utf-8")
    options = ["--find-links", "wheels", "--constraints", LOCK, "--overrides", str(override)]
    if any(WHEELS.glob(f"torch-*-cp{version.replace('.', '')}-*.whl")):
        # pyproject.toml may name an index for torch, which uv would then ask all the same.
        options.append("--no-config")
    options += [f"--requirements={name}" for name in REQUIREMENTS]
    options += ["--reinstall-package=mldock-runtime", *([] if sys.stdout.isatty() else ["--quiet"])]
    execute(uv, "pip", "install", "--python", str(VENV), *options)
    execute(str(PYTHON), "-m", "mldock", "schema")
    stamp.write_text(f"{base} {rest}", encoding="utf-8")


def runtime(check: bool = False) -> str:
    """Return what follows the name mldock-runtime to install it: the address of its wheel.

    The wheel of a commit is built once, that of a folder each time; a version is taken as it is.
    """
    address = r" @ (?:git\+(\S+)@(\w+)|(file:[^\s#]+)(?<!\.whl))"
    line = re.search(rf"(?m)^mldock-runtime({address}|.*)$", (ROOT / RUNTIME).read_text("utf-8"))
    if not line:
        sys.exit(f"{RUNTIME} does not name mldock-runtime: restore its line from git.")
    source, commit = line[2] or line[4], line[3] or "local"
    if not source:
        return line[1]
    if source.startswith("file:"):
        source = str(ROOT / url2pathname(urlsplit(source).path))
    wheel = next((WHEELS / commit).glob("mldock_runtime-*.whl"), None)
    if wheel and not check and (commit != "local" or not Path(source).exists()):
        return f" @ {wheel.as_uri()}"
    if check and not wheel:
        sys.exit(f"wheels/{commit} has no wheel to check. Run: nox -s wheels")
    name, content = build(source, commit)
    if not wheel or wheel.read_bytes() != content:
        if check:
            sys.exit(f"{wheel} is not what {source} gives. Delete it, and run: nox -s wheels")
        for old in WHEELS.glob("*/mldock_runtime-*.whl"):
            shutil.rmtree(old.parent)
        wheel = WHEELS / commit / name
        wheel.parent.mkdir(parents=True, exist_ok=True)
        wheel.with_suffix(".part").write_bytes(content)
        wheel.with_suffix(".part").replace(wheel)  # On a full disk no half of one is left.
    return f" @ {wheel.as_uri()}"


def build(source: str, commit: str) -> tuple[str, bytes]:
    """Build the wheel of a commit, or of a folder as it is; return its name and content."""
    if "://" not in source and not Path(source).exists():
        sys.exit(f"The runtime comes from {source}, which is not on this machine. Commit wheels/.")
    with tempfile.TemporaryDirectory() as folder:
        checkout, dist = f"{folder}/source", f"{folder}/dist"
        if commit != "local":
            print(f"Building mldock-runtime of {source} at {commit}.", flush=True)
            # Not a fetch of the commit alone: servers also have those of other people's forks.
            execute("git", "clone", "--quiet", "--no-checkout", source, checkout)
            command = ["git", "-C", checkout, "checkout", "--quiet", commit]
            if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
                sys.exit(
                    f"No branch of {source} has the commit {commit}. Restore wheels/ from git, or "
                    "take the newest: pipx run copier update"
                )
            source = checkout
        execute(find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", dist, source)
        (wheel,) = Path(dist).glob("*.whl")
        return wheel.name, wheel.read_bytes()


def execute(*command: str) -> None:
    """Run a command, which says itself what goes wrong: no such requirement, no network."""
    if code := subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(code)
