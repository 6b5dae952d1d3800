"""`executor.sh serve`: nginx and gunicorn, started together and stopped in order.

Exit codes: 0 after SIGTERM or SIGINT, 1 when the model cannot be loaded or a process died, so
that the platform starts a new container.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from container.assets import ServingContainer
from container.lifecycle import ContainerError, Environment, StopRequested
from container.lifecycle.errors import describe
from container.lifecycle.logs import configure_logging
from container.prediction.settings import ServerSettings, granted_cpus, read_settings

log = logging.getLogger("serve")

NGINX_CONF = Path(__file__).with_name("nginx.conf")

# The signals that let what is in flight be answered.
GRACEFUL_STOP = {"nginx": signal.SIGQUIT, "gunicorn": signal.SIGTERM}


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
    with tempfile.TemporaryDirectory(prefix="mldock-") as runtime_dir:
        failed = supervise(settings, Path(runtime_dir), stopping)
    try:
        container.cleanup()
    except Exception as error:
        tell(error)
        failed = True
    return int(failed)


def tell(error: Exception) -> None:
    """Say what has failed, with a traceback if it is no mistake in a setting."""
    log.error("%s", describe(error), exc_info=not isinstance(error, ContainerError))


def supervise(settings: ServerSettings, runtime_dir: Path, stopping: list[int]) -> bool:
    """Run the processes; return whether one of them ended by itself."""
    processes = {"gunicorn": start_gunicorn(settings, runtime_dir)}
    if not settings.bind:
        # First, since it is stopped first: gunicorn still answers what nginx has accepted.
        processes = {"nginx": start_nginx(settings, runtime_dir), **processes}
    while not stopping and all(process.poll() is None for process in processes.values()):
        time.sleep(0.1)
    failed = False
    for name, process in processes.items():
        if process.poll() is not None:
            log.error("%s ended by itself, with exit code %s", name, process.returncode)
            failed = True
        stop(process, GRACEFUL_STOP[name])
    return failed


def stop(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and its workers until it has ended.

    Workers are told too, and again: one that is just being forked misses the first signal, and
    those of a master that was killed have nobody else to tell them.
    """
    ended = False
    while not ended:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
            ended = True


def start_nginx(settings: ServerSettings, runtime_dir: Path) -> subprocess.Popen[bytes]:
    """Start nginx with its configuration and temporary files in `runtime_dir`."""
    text = NGINX_CONF.read_text(encoding="utf-8")
    for word, value in {
        # As root, nginx would give its workers to another user, who cannot read runtime_dir.
        "USER": "user root;" if os.geteuid() == 0 else "",
        "PORT": settings.port,
        "SOCKET": runtime_dir / "gunicorn.sock",
        "MAX_BODY_MB": settings.max_body_mb,
        "TIMEOUT": settings.timeout,
    }.items():
        text = text.replace(f"@{word}@", str(value))
    (runtime_dir / "nginx.conf").write_text(text, encoding="utf-8")
    return start(["nginx", "-e", "stderr", "-p", str(runtime_dir), "-c", "nginx.conf"])


def start_gunicorn(settings: ServerSettings, runtime_dir: Path) -> subprocess.Popen[bytes]:
    """Start gunicorn on a socket for nginx, or on an address of its own."""
    threads = str(max(1, granted_cpus() // settings.workers))
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", threads)
    command = [sys.executable, "-m", "gunicorn", "container.prediction.wsgi:app", "--preload"]
    command += ["--bind", settings.bind or f"unix:{runtime_dir}/gunicorn.sock"]
    command += ["--workers", str(settings.workers), "--worker-class", "gevent"]
    command += ["--timeout", str(settings.timeout), "--keep-alive", "65"]
    # A heartbeat file on a disk that blocks would get healthy workers killed.
    command += ["--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else str(runtime_dir)]
    # The control socket lies in the home directory, which may be read-only.
    command += ["--no-control-socket", "--config", "python:container.prediction.workers"]
    return start(command)


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own: Ctrl-C reaches this one, which stops it in order."""
    return subprocess.Popen(command, start_new_session=True)


if __name__ == "__main__":
    sys.exit(main())
