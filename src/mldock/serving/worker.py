"""gunicorn's workers: an event loop each, ready before their first request, replaced in time.

This module is also gunicorn's configuration: the functions at its end are its hooks.
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
from mldock.serving.supervisor import HAS_THREADS
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

log = logging.getLogger("serve")

# A worker may take so much of its share of the memory that was free when it started, and as many
# bytes in any case: where there are not even those, to start again helps nobody.
SHARE = 0.5
LEAST_GROWTH = 32 * 2**20

LAST_REQUEST_SECONDS = 0.1

# Threads that a forked process starts anew: pyarrow's memory allocator has one.
FORK_SAFE = ("jemalloc_bg_thd",)

# After the time limit of a prediction, which the worker answers itself if its event loop runs.
HANG_SECONDS = 5


class BufferedTransport:
    """A transport that keeps the head of an answer until its body comes.

    uvicorn writes one after the other. A worker that is killed between them leaves nginx with half
    an answer, which it cannot ask another worker for; and a second write costs time.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.head = b""
        self.loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        """Write, or keep what is only a head."""
        if self.head:
            data, self.head = self.head + data, b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self.head = data
            # Some answers have no body.
            self.loop.call_soon(self.flush)
            return
        self.transport.write(data)

    def flush(self) -> None:
        """Write what is kept."""
        if self.head:
            data, self.head = self.head, b""
            self.transport.write(data)

    def close(self) -> None:
        """Write what is kept, and close."""
        self.flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        """Return what the transport itself has."""
        return getattr(self.transport, name)


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP, which writes each answer at once and lets the application drop a client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(cast(asyncio.Transport, BufferedTransport(transport)))

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self.transport.abort}  # type: ignore[dict-item]


class GracefulServer(Server):
    """uvicorn closes connections without a request at its end; some are just bringing one."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Take no more connections, and wait for what those there are bring."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_REQUEST_SECONDS)
        await super().shutdown(sockets)


class Worker(UvicornWorker):  # type: ignore[misc] # its package has no types
    """uvicorn under gunicorn; it ends itself when it has grown too large."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": Protocol,
        "ws": "none",
        "interface": "asgi3",
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
        """Run the worker."""
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
        await GracefulServer(self.config).serve(sockets=[*self.own_sockets(), *self.sockets])

    def own_sockets(self) -> list[socket]:
        """Listen where nginx finds this worker alone; where there is no nginx, nowhere."""
        if os.getenv("MLDOCK_SERVER_BIND"):
            return []
        path = Path(self.sockets[0].getsockname()).with_name(f"{self.slot}.sock")
        path.unlink(missing_ok=True)
        own = socket(AF_UNIX)
        own.bind(str(path))
        own.listen(self.cfg.backlog)
        return [own]

    async def callback_notify(self) -> None:
        """Run each second; where that stops, this process ends, with its traceback in the log."""
        timeout = self.wsgi.settings.timeout + HANG_SECONDS
        faulthandler.dump_traceback_later(timeout, exit=True)
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
    if os.environ["MLDOCK_SERVER_FORK"] != "loaded":
        return
    if not server.cfg.preload_app:
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
    return len([name for name in names if name not in FORK_SAFE]) > 1


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first number that no other has."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in itertools.count() if slot not in taken)


def post_worker_init(worker: Any) -> None:
    """Prepare a worker, before its first request; one that cannot be prepared ends the server."""
    app = worker.wsgi
    with start_limit(app.readiness.directory, app.settings.start_timeout):
        app.container.startup_worker()
        app.prepare(worker.check_memory)
    share = SHARE * free_memory() / worker.cfg.workers
    worker.most = own_memory() + max(LEAST_GROWTH, share)


def worker_exit(_server: Any, worker: Any) -> None:
    """Clean up after a worker, when its last request is answered."""
    # One that could not import the model has nothing to clean up.
    if hasattr(worker, "wsgi"):
        worker.wsgi.container.cleanup_worker()
