"""What a process takes: seconds, seconds of the processor, and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT = 900.0
PAUSE = 0.01


@dataclass(frozen=True)
class Measure:
    """What a process took.

    Attributes:
        wall: Seconds from before its start to after its end.
        cpu: Seconds that it kept a core busy.
        peak: The most bytes of memory that it and its children held.
        output: What it printed.

    """

    wall: float
    cpu: float
    peak: int
    output: str


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Measure:
    """Run a command to its end.

    Raises:
        RuntimeError: It failed, or took too long.

    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start, peak = time.monotonic(), 0
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=errors)
        try:
            while True:
                # The kernel keeps the highest mark, so no short peak is missed.
                peak = max(peak, tree_peak(process.pid))
                pid, status, used = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    wall = time.monotonic() - start
                    break
                if time.monotonic() - start > LIMIT:
                    raise RuntimeError(f"{command[0]} took more than {LIMIT:.0f} s")
                time.sleep(PAUSE)
        except BaseException:
            process.kill()
            process.wait()
            raise
        # Popen shall not look for a process that has been waited for.
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (output, errors):
            stream.seek(0)
        if process.returncode:
            print(errors.read()[-3000:], file=sys.stderr)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        return Measure(wall, used.ru_utime + used.ru_stime, peak, output.read())


def tree_peak(pid: int) -> int:
    """Return the most bytes that a process and its children have held, each at its own time."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1]) * 1024
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return total
    return total + sum(tree_peak(int(child)) for child in children)
