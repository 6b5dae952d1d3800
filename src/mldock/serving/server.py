"""nginx and gunicorn, started together and stopped in order: `container/prediction/serve.py`.

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
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from mldock import ContainerError, Environment, ServingLifecycle, StopRequested
from mldock.errors import format_error
from mldock.logs import configure_logging
from mldock.serving.processes import (
    GRACEFUL_STOP,
    Processes,
    signal_group,
    start_all,
    stop,
)
from mldock.serving.settings import ServerSettings, read_settings

if TYPE_CHECKING:
    from mldock.serving.reload import Watcher

log = logging.getLogger("serve")


class Server:
    """nginx and gunicorn, for `with`: what is raised in its block ends the server, and is logged.

    Attributes:
        environment: The directories, channels and stage.
        container: The `ServingContainer`. Its `cleanup` runs at the end of the block, if the
            server has run.
        exit_code: The exit code of the process, after the block: 0 after SIGTERM or SIGINT, 1 when
            the model cannot be loaded, a setting is wrong or a process has died.

    Args:
        app: The application that gunicorn imports, such as `container.prediction.wsgi:app`.
        nginx_conf: The path of nginx.conf, with words between @ signs that `run` fills in.

    """

    def __init__(self, app: str, nginx_conf: Path) -> None:
        configure_logging()
        self.app, self.nginx_conf = app, nginx_conf
        self.environment = Environment()
        self.container: ServingLifecycle | None = None
        self.exit_code = 1
        # No lock and no event: a handler runs in the middle of whatever holds them.
        self.stopping: list[int] = []
        self.is_running = False

    def __enter__(self) -> Server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.request_stop)
        return self

    def prepare(self) -> None:
        """Read the settings, so that a mistake is reported before the downloads.

        Raises:
            ContainerError: A variable has a wrong value, or nginx is not installed.

        """
        self.settings = read_settings(os.environ)
        if not self.settings.bind and not shutil.which("nginx"):
            raise ContainerError(
                "nginx is not installed. Install it, or let gunicorn serve alone: "
                "MLDOCK_SERVER_BIND=127.0.0.1:8080."
            )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises:
            ContainerError: nginx or gunicorn has ended by itself.

        """
        self.is_running = True
        # One directory for sockets and large bodies, one for what workers tell each other. The
        # second is in memory where it can be, so that a full disk stops nobody.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with (
            tempfile.TemporaryDirectory(prefix="mldock-") as runtime_dir,
            tempfile.TemporaryDirectory(prefix="mldock-", dir=memory) as state_dir,
        ):
            self.supervise(Path(runtime_dir), Path(state_dir))

    def supervise(self, runtime_dir: Path, state_dir: Path) -> None:
        """Run the processes until the server is to stop."""
        settings = self.settings
        raise_file_limit()
        if settings.metrics_port:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(state_dir)
        processes = start_all(settings, self.app, self.nginx_conf, runtime_dir, state_dir)
        try:
            if settings.metrics_port:
                serve_metrics(settings.metrics_port)
            watcher = watch() if settings.reload else None
            while not self.stopping and not dead(processes):
                time.sleep(0.1)
                # gunicorn takes the signal for its end until it has started.
                if watcher and any(state_dir.glob("ready-*")) and watcher.has_changed():
                    processes["gunicorn"].send_signal(signal.SIGHUP)
            drain(settings, runtime_dir, processes, self.stopping)
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

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        failed = isinstance(error, Exception)
        if isinstance(error, Exception):
            log_failure(error)
        if self.is_running and self.container:
            try:
                self.container.cleanup()
            except Exception as late:
                log_failure(late)
                failed = True
        self.exit_code = int(failed)
        return error is None or isinstance(error, (Exception, StopRequested))

    def request_stop(self, number: int, _frame: FrameType | None) -> None:
        """Stop: a download is given up, a server that runs is stopped in order."""
        self.stopping.append(number)
        if not self.is_running and len(self.stopping) == 1:
            raise StopRequested


def watch() -> Watcher:
    """Start to notice edits of the sources; imported here, since few servers reload."""
    from mldock.serving.reload import Watcher

    return Watcher()


def log_failure(error: Exception) -> None:
    """Log what has failed, with a traceback if it is not a mistake in a setting."""
    log.error("%s", format_error(error), exc_info=not isinstance(error, ContainerError))


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
