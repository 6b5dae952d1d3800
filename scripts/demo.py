"""Make a project from a template, train it, serve it and ask it, as its user would."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import copier

from scripts import torch_wheel

ROOT = Path(__file__).absolute().parents[1]
TEMPLATES = sorted(path.stem for path in (ROOT / "templates").glob("*.yml"))


def main() -> int:
    """Run the demonstration; 0 when a prediction came back."""
    parser = argparse.ArgumentParser(prog="nox -s demo --", description=__doc__)
    parser.add_argument(
        "template", nargs="?", default="sklearn", choices=TEMPLATES, help="which (sklearn)"
    )
    parser.add_argument("--docker", action="store_true", help="train and serve in the image")
    parser.add_argument("--port", type=int, default=8080, help="port of the server (8080)")
    options = parser.parse_args()
    started = time.monotonic()
    project = new_folder(options.template)
    where = ["--docker"] if options.docker else []

    step(f"copier copy: the {options.template} template with its defaults")
    make_project(project, options.template)
    print(f"{sum(path.is_file() for path in project.rglob('*'))} files in {project}")
    if options.docker:
        nox(project, "build")
    nox(project, "train", *where)

    step("nox -s serve")
    command = [sys.executable, "-m", "nox", "-s", "serve", "--", *where]
    with subprocess.Popen([*command, "--port", str(options.port)], cwd=project) as server:
        try:
            wait_until_ready(f"http://127.0.0.1:{options.port}/ping", server)
            nox(project, "predict", "payload.json")
            seconds = time.monotonic() - started
        finally:
            nox(project, "stop")
    metrics = json.loads((project / ".mldock/output/data/metrics.json").read_text("utf-8"))
    print(f"\nThe first prediction came after {seconds:.0f} s. On held-out data the model has:")
    print("\n".join(f"  {name:10} {value}" for name, value in metrics.items()))
    print(f"\nThe project is yours: {project}. Three commands to go on with:\n")
    print(f"  cd {os.path.relpath(project)}")
    print("  pipx run nox -s serve")
    print("  pipx run nox -l")
    return 0


def make_project(project: Path, template: str) -> None:
    """Copy the template, with torch's wheel where its index is out of reach."""
    answers = {"template": template}
    with tempfile.TemporaryDirectory() as folder:
        wheels = torch_wheel.provide(Path(folder)) if template == "pytorch" else []
        if wheels:
            answers["python_version"] = f"{sys.version_info.major}.{sys.version_info.minor}"
        copier.run_copy(str(ROOT), project, data=answers, defaults=True, quiet=True, vcs_ref="HEAD")
        for wheel in wheels:
            shutil.move(wheel, project / "wheels")


def new_folder(template: str) -> Path:
    """Return a folder below demo/ that does not exist yet; what is there stays as it is."""
    names = [template, *(f"{template}-{number}" for number in range(2, 1000))]
    return next(folder for name in names if not (folder := ROOT / "demo" / name).exists())


def step(text: str) -> None:
    """Announce what comes next."""
    print(f"\n==> {text}", flush=True)


def nox(project: Path, session: str, *arguments: str) -> None:
    """Run a session of the project; its failure ends the demonstration."""
    posargs = ["--", *arguments] if arguments else []
    step(" ".join(["nox -s", session, *posargs]))
    command = [sys.executable, "-m", "nox", "-s", session, *posargs]
    if code := subprocess.run(command, cwd=project).returncode:
        sys.exit(f"nox -s {session} failed with exit code {code}; the reason is above.")


def wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait for the server's first 200."""
    while not answers(url):
        if server.poll() is not None:
            sys.exit("The server ended before it was ready; the reason is above.")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Say whether a request gets a 200."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
