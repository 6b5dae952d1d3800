"""nginx and gunicorn, started together and stopped in order: `container/prediction/serve.py`."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from mldock import ContainerError, Environment, ServingLifecycle, StopRequested
from mldock.errors import format_error
from mldock.lifecycle import read_run
from mldock.logs import configure_logging
from mldock.resources import raise_file_limit
from mldock.serving.settings import read_settings

# gunicorn's exit code where the model, once loaded, has threads, which no fork survives.
HAS_THREADS = 75

log = logging.getLogger("serve")


class ModelFailedError(Exception):
    """The model cannot be loaded; gunicorn has logged why."""


class Server:
    """nginx and gunicorn, for `with`: what is raised in its block ends the server, and is logged.

    Attributes:
        environment: The directories, channels and stage.
        container: The `ServingContainer`. Its `cleanup` runs at the end of the block, if the
            server has run.
        exit_code: The exit code of the process, after the block: 0 after SIGTERM or SIGINT, 1 when
            the model cannot be loaded, a setting is wrong or a process has died, so that the
            platform starts a new container.

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
        self._stopping: list[int] = []
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
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
            ContainerError: nginx or gunicorn has ended by itself, or a worker hangs at its start.

        """
        self._name_model()
        # One directory for sockets and large bodies, one for what workers tell each other. The
        # second is in memory where it can be, so that a full disk stops nobody.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with (
            tempfile.TemporaryDirectory(prefix="mldock-") as runtime_dir,
            tempfile.TemporaryDirectory(prefix="mldock-", dir=memory) as state_dir,
        ):
            self._runtime_dir, self._state_dir = Path(runtime_dir), Path(state_dir)
            try:
                self._start()
                self._watch()
                self._stop()
            finally:
                # Where one has ended nobody is answered any more; the platform is to know at once.
                for process in self._processes.values():
                    signal_group(process, signal.SIGKILL)
                    process.wait()

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        self.exit_code = int(isinstance(error, Exception))
        if isinstance(error, Exception):
            log_failure(error)
        if self._processes and self.container:
            try:
                self.container.cleanup()
            except Exception as late:
                log_failure(late)
                self.exit_code = 1
        return error is None or isinstance(error, (Exception, StopRequested))

    def _name_model(self) -> None:
        """Log from which run the model is, unless a channel has brought it."""
        directory = ServingLifecycle(self.environment).model_dir
        if run := read_run(directory):
            stopped = ", which was stopped" * (run.get("outcome") == "stopped")
            log.info("the model is that of the run %s%s", run.get("run"), stopped)
        if directory != self.environment.model_dir:
            told = "a run is making another one, or was killed in that"
            log.info("the last good model: it is in %s, since %s", directory, told)

    def _request_stop(self, number: int, _frame: FrameType | None) -> None:
        # A download is given up, a server that runs is stopped in order.
        self._stopping.append(number)
        if not self._processes and len(self._stopping) == 1:
            raise StopRequested

    def _start(self) -> None:
        raise_file_limit()
        os.environ["MLDOCK_SERVER_STATE"] = str(self._state_dir)
        if self.settings.metrics_port:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(self._state_dir)
            serve_metrics(self.settings.metrics_port)
        if not self.settings.bind:
            self._start_nginx()
        # Without /proc nothing tells whether a model has threads, as on macOS.
        self._start_gunicorn("loaded" if Path("/proc/self/task").exists() else "empty")

    def _watch(self) -> None:
        """Wait for the order to stop, or for the end of a process."""
        watcher = None
        if self.settings.reload:
            # Slow to import, and few servers reload.
            from mldock.serving.reload import Watcher

            watcher = Watcher()
        is_ready = False
        while not self._stopping and not self._have_ended():
            time.sleep(0.1)
            if not is_ready and (self._state_dir / "serving").exists():
                is_ready = True
                where = self.settings.bind or f"port {self.settings.port}"
                log.info("ready at %s, workers: %d", where, self.settings.workers)
            # gunicorn takes the signal for its end until it has started.
            if watcher and any(self._state_dir.glob("ready-*")) and watcher.has_changed():
                self._processes["gunicorn"].send_signal(signal.SIGHUP)

    def _have_ended(self) -> bool:
        """Return whether a process has ended; start gunicorn again where it has asked for that."""
        for path in self._state_dir.glob("hung-*"):
            if path.stat().st_size:
                # All of it is written before the process ends.
                time.sleep(0.5)
                place = last_frame(path.read_text())
                raise ContainerError(
                    f"the model was not ready after {self.settings.start_timeout} s: it hung in "
                    f"{place}. Fix that, or raise MLDOCK_SERVER_START_TIMEOUT."
                )
        if self._processes["gunicorn"].poll() == HAS_THREADS:
            self._start_gunicorn("empty")
        return any(process.poll() is not None for process in self._processes.values())

    def _stop(self) -> None:
        """End both when they have answered what is in flight; gunicorn last, as nginx needs it."""
        if self._stopping and not self._have_ended():
            name = signal.Signals(self._stopping[0]).name
            log.info("stopping after %s: what has been asked is answered", name)
        if not self.settings.bind and not self._have_ended():
            self._drain()
        if (self._state_dir / "failed").exists():
            raise ModelFailedError
        if ended := [
            f"{name} ended by itself, with exit code {code}: its last words are above"
            for name, process in self._processes.items()
            if (code := process.poll()) is not None
        ]:
            raise ContainerError("; ".join(ended))
        for name, process in self._processes.items():
            # The signals that let requests in flight be answered. Workers are told too, and again:
            # one that is just being forked misses the first signal.
            number = signal.SIGQUIT if name == "nginx" else signal.SIGTERM
            while process.poll() is None:
                signal_group(process, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=1)
        log.info("stopped")

    def _drain(self) -> None:
        """Answer a little longer, while clients and load balancers learn to go elsewhere.

        nginx sees the files: it closes each connection after its answer, and /ping says why.
        """
        # On a full disk they learn it from the end of their connections.
        with contextlib.suppress(OSError):
            (self._state_dir / "draining").touch()
            (self._state_dir / "serving").unlink(missing_ok=True)
        end = time.monotonic() + self.settings.drain
        while time.monotonic() < end and len(self._stopping) == 1 and not self._have_ended():
            time.sleep(0.05)

    def _start_nginx(self) -> None:
        settings, directory = self.settings, self._runtime_dir
        address = every_address()
        text = self.nginx_conf.read_text(encoding="utf-8")
        for word, value in {
            # As root, nginx would give its workers to another user, who cannot read the directory.
            "USER": "user root;" if os.geteuid() == 0 else "",
            "LISTEN": f"{address}:{settings.port}" + " ipv6only=off" * (address == "[::]"),
            # Twice the same location would be an error.
            "PREFIXED_PING": f"location = {settings.prefix}/ping {{ rewrite ^ /ping last; }}"
            * bool(settings.prefix),
            "DIRECTORY": directory,
            "STATE": self._state_dir,
            "WORKERS": "\n        ".join(
                f"server unix:{directory}/{slot}.sock max_fails=0;"
                for slot in range(settings.workers)
            ),
            "MAX_BODY_MB": settings.max_body_mb,
            "TOO_LARGE": settings.too_large,
            # A request that waits or a prediction that lasts too long is answered by the worker.
            "TIMEOUT": settings.max_wait + settings.timeout + 2,
        }.items():
            text = text.replace(f"@{word}@", str(value))
        (directory / "nginx.conf").write_text(text, encoding="utf-8")
        self._run("nginx", ["nginx", "-e", "stderr", "-p", str(directory), "-c", "nginx.conf"])

    def _start_gunicorn(self, fork: str) -> None:
        """Start gunicorn; before the fork of workers the model is `loaded`, or memory `empty`."""
        threads = os.environ.setdefault("OMP_NUM_THREADS", str(self.settings.threads))
        # torch asks MKL too, and takes the fewer.
        for library in ("OPENBLAS", "MKL"):
            os.environ.setdefault(f"{library}_NUM_THREADS", threads)
        if self.settings.reload:
            # A file of bytecode is told from another by the second, which may have two edits.
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        os.environ["MLDOCK_SERVER_FORK"] = fork
        command = [sys.executable, "-m", "gunicorn", self.app]
        command += ["--config", "python:mldock.serving.worker"]
        # Here they have precedence over GUNICORN_CMD_ARGS. There is no time limit of gunicorn's: a
        # worker that hangs ends itself.
        command += ["--workers", str(self.settings.workers), "--timeout", "0"]
        for address in gunicorn_addresses(self.settings.bind, self._runtime_dir):
            command += ["--bind", address]
        self._run("gunicorn", command)

    def _run(self, name: str, command: list[str]) -> None:
        # In a session of its own: Ctrl-C reaches this process, which stops the others in order.
        self._processes[name] = subprocess.Popen(command, start_new_session=True)


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def last_frame(traceback: str) -> str:
    """Return where faulthandler's traceback ends: in the owner's own code if it is there."""
    frames = re.findall(r'File "(.+)", line (\d+) in (.+)', traceback)
    own = [frame for frame in frames if re.search("/src/(?!mldock/)", frame[0])]
    if not frames:
        return "code without a traceback"
    file, line, function = (own or frames)[0]
    return f"{function} ({file}, line {line})"


def log_failure(error: Exception) -> None:
    """Log what has failed, with a traceback if it is not a mistake in a setting."""
    if not isinstance(error, ModelFailedError):
        log.error("%s", format_error(error), exc_info=not isinstance(error, ContainerError))


def every_address() -> str:
    """Return the address that stands for all of this machine's: IPv6's takes IPv4 too."""
    return "[::]" if socket.has_dualstack_ipv6() else "0.0.0.0"


def gunicorn_addresses(bind: str, runtime_dir: Path) -> list[str]:
    """Return a socket for nginx, or the addresses of `MLDOCK_SERVER_BIND`.

    There `:8080` is every address, and `localhost` both loopbacks.
    """
    if not bind:
        return [f"unix:{runtime_dir}/gunicorn.sock"]
    host, _, port = bind.rpartition(":")
    if host != "localhost":
        return [f"{host or every_address()}:{port}"]
    addresses = [f"127.0.0.1:{port}"]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        addresses.append(f"[::1]:{port}")
    return addresses


def serve_metrics(port: int) -> None:
    """Answer /metrics from a thread of this process, so that it is never public."""
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        start_http_server(port, every_address().strip("[]"), registry)
    except OSError as error:
        raise ContainerError(
            f"MLDOCK_SERVER_METRICS_PORT={port} cannot be used ({error.strerror}). "
            "Choose another, or 0 for none."
        ) from error
