"""`mldock COMMAND`, which `nox -s COMMAND` runs in a project."""

from __future__ import annotations

import importlib
import sys

from mldock.cli.environment import ROOT
from mldock.cli.workspace import command

COMMANDS = {
    "build": "build",
    "client": "client.__main__",
    "data": "data",
    "deploy": "deploy.__main__",
    "doctor": "doctor",
    "kpis": "kpis",
    "lock": "lock",
    "predict": "predict",
    "pull": "pull",
    "push": "push",
    "report": "report",
    "schema": "schema",
    "serve": "serve",
    "stop": "stop",
    "train": "train",
    "wheels": "wheels",
}
USE_CHANNELS = ("data", "deploy")


def main() -> None:
    """Run a command in the project that the working directory is in."""
    name, *arguments = sys.argv[1:] or [""]
    if name not in COMMANDS:
        sys.exit(f"mldock: {name!r} is not a command. Use one of {', '.join(COMMANDS)}.")
    # The owner's own modules.
    sys.path.insert(0, str(ROOT / "src"))
    if name in USE_CHANNELS and (ROOT / "src/container/assets.py").is_file():
        # Its platforms move channels here as they do in the container.
        importlib.import_module("container.assets")
    sys.argv = [f"mldock {name}", *arguments]
    command(importlib.import_module(f"mldock.cli.{COMMANDS[name]}").main)


if __name__ == "__main__":
    main()
