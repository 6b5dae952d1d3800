"""What a deployment changes, shown before anything is changed."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from mldock import ContainerError


def add_options(parser: ArgumentParser) -> None:
    """Add `--yes` and `--dry-run`, of which a command line takes one."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    group.add_argument(
        "--dry-run", action="store_true", help="print every request or manifest, change nothing"
    )


def confirm(title: str, steps: Sequence[str], arguments: Namespace) -> None:
    """Print what will be done, and ask whether to do it unless `--yes` was given.

    Raises:
        ContainerError: The user declined, or there is no terminal to ask on.

    """
    print(title)
    for step in steps:
        print(f"  {step}")
    if arguments.yes:
        return
    if not sys.stdin.isatty():
        raise ContainerError("There is no terminal to confirm this on. Add --yes, or --dry-run.")
    try:
        answer = input("Continue? [y/N] ")
    except EOFError:
        answer = ""
    except KeyboardInterrupt:
        # The shell's prompt begins on a line of its own.
        print()
        raise
    if answer.strip().lower() not in ("y", "yes"):
        raise ContainerError("Declined: nothing was changed.")


def incomplete(needed_by: str, stage: str | None, missing: dict[str, Any]) -> ContainerError:
    """Return the error for settings that mldock.json lacks, all of them at once.

    Args:
        needed_by: `Kubernetes` or `SageMaker`.
        stage: The stage whose values were looked at.
        missing: An example of each missing setting, in the form of mldock.json.

    """
    place = f'mldock.json, or to its stage "{stage}"' if stage else "mldock.json"
    lines = json.dumps(missing, indent=2).splitlines()[1:-1]
    return ContainerError("\n".join([f"{needed_by} needs more settings. Add to {place}:", *lines]))
