"""`mldock COMMAND`, which `nox -s COMMAND` runs in a project."""

from __future__ import annotations

import importlib
import os
import signal
import sys

from mldock.cli import signals
from mldock.cli.environment import ROOT
from mldock.errors import ContainerError
from mldock.logs import redact

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
USE_CHANNELS = ("data", "deploy", "kpis", "report")


def main() -> None:
    """Run a command in the project that the working directory is in."""
    name, *arguments = sys.argv[1:] or ["--help"]
    commands = f"one of {', '.join(COMMANDS)}"
    if name in ("-h", "--help"):
        print(f"usage: mldock COMMAND [OPTION ...]\n\nCOMMAND is {commands}.")
        sys.exit(0)
    if name not in COMMANDS:
        sys.exit(f"mldock: {name!r} is not a command. Use {commands}.")
    # The owner's own modules.
    sys.path.insert(0, str(ROOT / "src"))
    sys.argv = [f"mldock {name}", *arguments]
    try:
        signals.handle(signals.interrupt)
        if name in USE_CHANNELS and (ROOT / "src/container/assets.py").is_file():
            # Its platforms move channels here as they do in the container.
            importlib.import_module("container.assets")
        sys.exit(importlib.import_module(f"mldock.cli.{COMMANDS[name]}").main())
    except KeyboardInterrupt as error:
        number = getattr(error, "number", signal.SIGINT)
        what = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        print(f"mldock {name}: stopped by {what}.", file=sys.stderr)
        sys.exit(128 + number)
    except BrokenPipeError:
        # `| head` has read enough; what is left to be flushed has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    # A mistake of the person ends it with its message and no traceback.
    except ContainerError as error:
        sys.exit(redact(str(error)))


if __name__ == "__main__":
    main()
