"""`executor.sh serve`: nginx and gunicorn, started together and stopped in order.

Exit codes: 0 after SIGTERM or SIGINT, 1 when the model cannot be loaded or a process died, so
that the platform starts a new container.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

from container.assets import ServingContainer
from mldock import ContainerError, Environment, StopRequested
from mldock.errors import describe
from mldock.logs import configure_logging
from mldock.serving.processes import (
    GRACEFUL_STOP,
    Processes,
    signal_group,
    start_all,
    stop,
)
from mldock.serving.reload import Watcher
from mldock.serving.settings import ServerSettings, read_settings

log = logging.getLogger("serve")


def main() -> int:
    """Serve until a signal or the death of a process, and return the exit code."""
    configure_logging()
    container = ServingContainer(Environment())
    # No lock and no event: a handler runs in the middle of whatever holds them.
    stopping: list[int] = []
    starting = True

    def request_stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)
        # A download is given up; a server is stopped in order.
        if starting and len(stopping) == 1:
            raise StopRequested

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, request_stop)
    try:
        settings = read_settings(os.environ)
        if not settings.bind and not shutil.which("nginx"):
            raise ContainerError(
                "nginx is not installed. Install it, or let gunicorn serve alone: "
                "MLDOCK_SERVER_BIND=127.0.0.1:8080."
            )
        container.startup()
        starting = False
    except StopRequested:
        return 0
    except Exception as error:
        tell(error)
        return 1
    failed = False
    steps: list[Callable[[], None]] = [partial(run, settings, stopping), container.cleanup]
    for step in steps:
        try:
            step()
        except Exception as error:
            tell(error)
            failed = True
    return int(failed)


def tell(error: Exception) -> None:
    """Say what has failed, with a traceback if it is no mistake in a setting."""
    log.error("%s", describe(error), exc_info=not isinstance(error, ContainerError))


def run(settings: ServerSettings, stopping: list[int]) -> None:
    """Make a directory for sockets and large bodies, and one for what workers tell each other.

    The second is in memory where it can be, so that a full disk stops nobody.
    """
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with (
        tempfile.TemporaryDirectory(prefix="mldock-") as runtime_dir,
        tempfile.TemporaryDirectory(prefix="mldock-", dir=memory) as state_dir,
    ):
        supervise(settings, Path(runtime_dir), Path(state_dir), stopping)


def supervise(
    settings: ServerSettings, runtime_dir: Path, state_dir: Path, stopping: list[int]
) -> None:
    """Run the processes until the server is to stop; raise if one of them ends by itself."""
    raise_file_limit()
    if settings.metrics_port:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(state_dir)
    processes = start_all(settings, runtime_dir, state_dir)
    try:
        if settings.metrics_port:
            serve_metrics(settings.metrics_port)
        watcher = Watcher() if settings.reload else None
        while not stopping and not dead(processes):
            time.sleep(0.1)
            # gunicorn takes the signal for its end until it has started.
            if watcher and any(state_dir.glob("ready-*")) and watcher.has_changed():
                processes["gunicorn"].send_signal(signal.SIGHUP)
        drain(settings, runtime_dir, processes, stopping)
        if ended := dead(processes):
            codes = [
                f"{name} ended by itself, with exit code {code}: its last words are above"
                for name, code in ended
            ]
            raise ContainerError("; ".join(codes))
        for name, process in processes.items():
            stop(process, GRACEFUL_STOP[name])
    finally:
        # Where one has ended nobody is answered any more, and the platform is to know at once.
        for process in processes.values():
            signal_group(process, signal.SIGKILL)
            process.wait()


def dead(processes: Processes) -> list[tuple[str, int]]:
    """Return which processes have ended, and how."""
    codes = [(name, process.poll()) for name, process in processes.items()]
    return [(name, code) for name, code in codes if code is not None]


def drain(
    settings: ServerSettings, runtime_dir: Path, processes: Processes, stopping: list[int]
) -> None:
    """Answer a little longer, while clients and load balancers learn that they must go elsewhere.

    nginx sees the file: it closes each connection after its answer, and /ping says why.
    """
    if settings.bind or dead(processes):
        return
    # On a full disk they learn it from the end of their connections.
    with contextlib.suppress(OSError):
        (runtime_dir / "draining").touch()
    end = time.monotonic() + settings.drain
    while time.monotonic() < end and len(stopping) == 1 and not dead(processes):
        time.sleep(0.05)


def serve_metrics(port: int) -> None:
    """Answer /metrics from a thread of this process, so that it is never public."""
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        start_http_server(port, registry=registry)
    except OSError as error:
        raise ContainerError(
            f"MLDOCK_SERVER_METRICS_PORT={port} cannot be used ({error.strerror}). "
            "Choose another, or 0 for none."
        ) from error


def raise_file_limit() -> None:
    """Let each process have as many connections as the container may: often far more than 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


if __name__ == "__main__":
    sys.exit(main())
