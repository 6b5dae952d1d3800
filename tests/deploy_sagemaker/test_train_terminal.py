"""On a terminal, `train` tells what SageMaker does in place."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from typing import Any

from tests.deploy_sagemaker.conftest import Deployed
from tests.deploy_sagemaker.test_train_log import log


def test_terminal(deployed: Deployed) -> None:
    """On a terminal the states take each other's place, below the log."""
    log(deployed, {"algo-1": ["a line of the log"]})
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        deployed.command("train"),
        cwd=deployed.path,
        env=deployed.variables(COLUMNS="60"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    output = read_all(ours)

    assert process.wait(60) == 0, output
    assert re.search(r"\r\x1b\[K\d:\d\d Downloading: Downloading input data", output)
    assert "\r\x1b[Ka line of the log\r\n" in output
    # What stays on the screen: nothing of the states.
    lasting = [line.rpartition("\x1b[K")[2] for line in output.split("\r\n")]
    assert not any(line.lstrip("0123456789: ").startswith("Downloading") for line in lasting)


def read_all(descriptor: int) -> str:
    """Return all that a terminal shows until the last program has left it."""
    parts: list[Any] = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        # Linux says so when the other end is closed.
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode()
