"""The project's virtual environment: made once, renewed when what it is made of changes.

Sessions share it, so that they start at once. uv installs here as it does in the image, from the
same lock. Needs the standard library only, since it runs before there is anything else.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "made-of.txt"
UV_VERSION = "0.13.8"

IMAGE_REQUIREMENTS = ["src/requirements.txt", "src/container/requirements.txt"]
REQUIREMENTS = [*IMAGE_REQUIREMENTS, "requirements-dev.txt"]
LOCK = "src/requirements.lock"


def main() -> None:
    """Make the environment, unless it is there and made of what the files now say."""
    version = project_python()
    files = [ROOT / name for name in [*REQUIREMENTS, LOCK, "pyproject.toml"]]
    made_of = [version.encode(), *(path.read_bytes() for path in files)]
    wanted = hashlib.sha256(b"\0".join(made_of)).hexdigest()
    # The interpreter that it links to may be gone: that of another machine, or an older version.
    made = STAMP.is_file() and shutil.which("python", path=str(BIN))
    if made and STAMP.read_text(encoding="utf-8") == wanted:
        return
    python = find_python(version)
    print(
        f"Installing the requirements into {VENV.name}, which takes some seconds once.", flush=True
    )
    uv = make_venv(python)
    requirements = [argument for name in REQUIREMENTS for argument in ("-r", name)]
    install = [uv, "pip", "install", "--quiet", "--python", str(VENV), "--find-links", "wheels"]
    if any(ROOT.glob(f"wheels/torch-*-cp{version_of(python).replace('.', '')}-*.whl")):
        # pyproject.toml may name an index for torch, which uv would then ask all the same.
        install.append("--no-config")
    run(*install, *requirements, "-c", LOCK)
    STAMP.write_text(wanted, encoding="utf-8")


def project_python() -> str:
    """Return the Python version that mldock.json names; this one's if it names none."""
    path = ROOT / "mldock.json"
    try:
        version = json.loads(path.read_bytes()).get("python_version")
    except (OSError, ValueError, AttributeError) as error:
        sys.exit(f"{path} cannot be read: {error}. Correct it, or restore it.")
    return str(version or version_of(sys.executable))


def find_python(version: str) -> str:
    """Return an interpreter of the project's Python version, or else this one."""
    for python in (sys.executable, shutil.which(f"python{version}")):
        # A name on PATH may be a version manager's, with nothing behind it.
        if python and version_of(python) == version:
            return python
    current = version_of(sys.executable)
    print(f"This machine has no Python {version} as the image has; here it is Python {current}.")
    return sys.executable


def version_of(python: str) -> str:
    """Return the version that an interpreter says it has, such as 3.13."""
    code = "import sys; print(*sys.version_info[:2], sep='.')"
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def make_venv(python: str) -> str:
    """Make an empty environment and return the uv that fills it."""
    shutil.rmtree(VENV, ignore_errors=True)
    if uv := shutil.which("uv"):
        run(uv, "venv", "--quiet", "--python", python, str(VENV))
        return uv
    # virtualenv comes with nox and is faster than venv.
    run(sys.executable, "-m", "virtualenv", "--quiet", "--python", python, str(VENV))
    pip = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "install"]
    run(*pip, "--quiet", f"uv=={UV_VERSION}")
    return str(BIN / "uv")


def find_uv() -> str:
    """Return the uv that is on PATH, or that of the environment."""
    found = shutil.which("uv") or shutil.which("uv", path=str(BIN))
    if not found:
        sys.exit(f"uv is neither on PATH nor in {VENV.name}. Install it: pipx install uv")
    return found


def run(*command: str) -> None:
    """Run a command, which says itself what goes wrong: no such requirement, no network."""
    if wait_for(*command):
        sys.exit(f"{VENV.name} cannot be made; {Path(command[0]).name} says why above.")


def wait_for(*command: str) -> int:
    """Run a quiet command and return its exit code, telling now and then that it goes on."""
    on_terminal = sys.stdout.isatty()
    begun = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT) as process:
        while True:
            try:
                code = process.wait(1 if on_terminal else 10)
                break
            except subprocess.TimeoutExpired:
                # On a terminal what comes next stands in its place.
                end = "\r" if on_terminal else "\n"
                print(f"  {time.monotonic() - begun:.0f} s", end=end, flush=True)
    if on_terminal:
        print("\033[K", end="", flush=True)
    return code


if __name__ == "__main__":
    main()
