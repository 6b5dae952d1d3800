"""The load: shapes of requests, and wrk that sends them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Shape:
    """So many rows in a request, so many connections that send one after the other."""

    name: str
    rows: int
    connections: int

    @property
    def title(self) -> str:
        """Say what is sent."""
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return f"{rows}, concurrency {self.connections}"


SHAPES = (
    Shape("c1", 1, 1),
    Shape("c8", 1, 8),
    Shape("c64", 1, 64),
    Shape("batch", 1000, 4),
)


@dataclass(frozen=True)
class Load:
    """What wrk has counted; `p50` and `p99` are milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


def require_tools() -> None:
    """End with the remedy if the load cannot be made, or no whole stack be served."""
    if missing := [name for name in ("wrk", "nginx") if not shutil.which(name)]:
        sys.exit(
            f"{' and '.join(missing)} cannot be found on PATH, which this benchmark needs. "
            f"Install it, for example with: apt-get install {' '.join(missing)}"
        )


def write_bodies(folder: Path, bodies: Sequence[bytes]) -> Path:
    """Put the bodies where wrk reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, body in enumerate(bodies):
        (folder / str(number)).write_bytes(body)
    return folder


def send(url: str, folder: Path, content_type: str, shape: Shape, seconds: float) -> Load:
    """Send the bodies of a folder in turn for so many seconds.

    Raises:
        RuntimeError: wrk itself has failed.

    """
    # wrk takes whole units only.
    duration = f"{max(1, round(seconds))}s"
    command = ["wrk", "--threads", "1", "--connections", str(shape.connections)]
    command += ["--duration", duration, "--timeout", "10s", "--script", str(SCRIPT), url, "--"]
    command += [str(folder), str(sum(1 for _ in folder.iterdir())), content_type]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode:
        raise RuntimeError(f"wrk has failed: {done.stderr.strip() or done.stdout.strip()}")
    return Load(**json.loads(done.stdout.splitlines()[-1]))
