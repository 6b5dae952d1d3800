"""gunicorn's workers: an event loop each, ready before their first request, replaced in time.

This module is also gunicorn's configuration: its settings come first, its hooks at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import itertools
import logging
import math
import os
import resource
import signal
import sys
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any, ClassVar, cast

from mldock.resources import free_memory, own_memory
from mldock.serving.application import ABORT
from mldock.serving.loading import start_limit
from mldock.serving.reload import import_libraries
from mldock.serving.settings import read_settings
from mldock.serving.supervisor import HAS_THREADS
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

log = logging.getLogger("serve")

settings = read_settings(os.environ)
is_loaded_before_fork = os.getenv("MLDOCK_SERVER_FORK") == "loaded"

# Of a start and a stop gunicorn tells each worker's, of which few want to read.
loglevel = {"debug": "info", "error": "error", "critical": "critical"}.get(
    os.getenv("MLDOCK_LOGS_LEVEL", "").lower(), "warning"
)
worker_class = "mldock.serving.worker.Worker"
preload_app = is_loaded_before_fork and not settings.reload
graceful_timeout = settings.max_wait + settings.timeout
keepalive = 65
# A heartbeat file on a disk that blocks would stop healthy workers.
worker_tmp_dir = os.getenv("MLDOCK_SERVER_STATE")
# The control socket lies in the home directory, which may be read-only.
control_socket_disable = True


class BufferedTransport:
    """A transport that keeps the head of an answer until its body comes.

    uvicorn writes one after the other. A worker that is killed between them leaves nginx with half
    an answer, which it cannot ask another worker for; and a second write costs time.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.loop = asyncio.get_running_loop()
        self.head = b""

    def write(self, data: bytes) -> None:
        if self.head:
            self.transport.write(self.head + data)
            self.head = b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self.head = data
            # Some answers have no body.
            self.loop.call_soon(self.flush)
        else:
            self.transport.write(data)

    def flush(self) -> None:
        if self.head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP, which writes each answer at once and lets the application drop a client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(asyncio.Transport, BufferedTransport(transport)))
        self.extensions = {ABORT: transport.abort}

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self.extensions  # type: ignore[typeddict-item]


class GracefulServer(Server):
    """uvicorn closes connections without a request at its end; some are just bringing one."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await asyncio.sleep(0.1)
        await super().shutdown(sockets)


class Worker(UvicornWorker):  # type: ignore[misc] # its package has no types
    """uvicorn under gunicorn; it ends itself when it has grown too large."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "http": Protocol,
        "ws": "none",
        "lifespan": "off",
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "date_header": False,
        # Seconds between two checks of the memory, which also show that the event loop runs.
        "timeout_notify": 1,
    }

    # In bytes; set once the model is loaded.
    most = math.inf
    peak = 0

    def init_process(self) -> None:
        # Where memory is short, the kernel is to take a worker and not what supervises it.
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")
        super().init_process()

    def init_signals(self) -> None:
        """Let uvicorn alone answer SIGTERM: it raises it again at its end, before the hooks."""
        super().init_signals()
        signal.signal(signal.SIGTERM, lambda *_: None)

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        self._install_sigquit_handler()
        sockets = list(self.sockets)
        if not settings.bind:
            # nginx finds this worker alone at a socket of its own.
            path = Path(sockets[0].getsockname()).with_name(f"{self.slot}.sock")
            path.unlink(missing_ok=True)
            sockets.append(socket(AF_UNIX))
            sockets[-1].bind(str(path))
            sockets[-1].listen(self.cfg.backlog)
        await GracefulServer(self.config).serve(sockets=sockets)

    async def callback_notify(self) -> None:
        """Run each second; where that stops, this process ends, with its traceback in the log."""
        # The worker itself answers what takes too long, if its event loop runs.
        faulthandler.dump_traceback_later(settings.timeout + 5, exit=True)
        self.check_memory()

    def check_memory(self) -> None:
        """End this worker if it has grown too large; what is in flight is answered."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # Cheap to ask, and it never falls.
        if peak == self.peak:
            return
        self.peak = peak
        if own_memory() > self.most:
            log.warning("a worker has grown to %d MB and is replaced", own_memory() // 10**6)
            self.most = math.inf
            os.kill(os.getpid(), signal.SIGTERM)


def on_starting(server: Any) -> None:
    """Prepare the process that all workers are forked from: gunicorn has loaded the model in it.

    With `--reload` it has not: then what the sources import is imported here, where workers that
    are replaced at each edit find it.
    """
    if not is_loaded_before_fork:
        return
    if settings.reload:
        import_libraries(server.app.app_uri.partition(":")[0])
    if has_threads():
        log.info("the model has threads, which do not survive a fork: each worker loads its own")
        sys.exit(HAS_THREADS)


def has_threads() -> bool:
    """Return whether this process has threads that a fork would lose, such as OpenMP's."""
    # Some libraries end theirs before a fork, and start them again in each process.
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)
    threads = Path("/proc/self/task").iterdir()
    names = [(thread / "comm").read_text().strip() for thread in threads]
    # pyarrow's memory allocator has one that a forked process starts anew.
    return sum(name != "jemalloc_bg_thd" for name in names) > 1


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first number that no other has."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in itertools.count() if slot not in taken)


def post_worker_init(worker: Any) -> None:
    """Prepare a worker, before its first request; one that cannot be prepared ends the server."""
    app = worker.wsgi
    with start_limit(app.readiness.directory, settings.start_timeout):
        app.container.startup_worker()
        app.prepare(worker.check_memory)
    # Half of its share of what is free, and 32 MiB in any case: where there are not even those, to
    # start again helps nobody.
    worker.most = own_memory() + max(32 * 2**20, free_memory() / settings.workers / 2)


def worker_exit(_server: Any, worker: Any) -> None:
    # One that could not import the model has nothing to clean up.
    if hasattr(worker, "wsgi"):
        worker.wsgi.container.cleanup_worker()
