"""gunicorn's workers: an event loop each, ready before their first request, replaced in time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
import os
import resource
import signal
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any, ClassVar

from mldock.serving.protocol import Protocol
from mldock.serving.reload import import_libraries
from mldock.serving.resources import free_memory, own_memory
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

log = logging.getLogger("serve")

# A worker may take so much of its share of the memory that was free when it started, and as many
# bytes in any case: where there are not even those, to start again helps nobody.
SHARE = 0.5
LEAST_GROWTH = 32 * 2**20

LAST_REQUEST_SECONDS = 0.1


class PatientServer(Server):
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
        # Seconds between two looks at the memory, which also tell gunicorn that the loop runs.
        "timeout_notify": 1,
    }

    def init_process(self) -> None:
        """Note how much the worker may grow, then run it."""
        share = SHARE * free_memory() / self.cfg.workers
        self.most = own_memory() + max(LEAST_GROWTH, share)
        self.peak = 0
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
        await PatientServer(self.config).serve(sockets=[*self.own_sockets(), *self.sockets])

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
        """Run each second."""
        await super().callback_notify()
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
    """Import what the sources import, where workers that are replaced at each edit then find it."""
    if not server.cfg.preload_app:
        import_libraries(server.app.app_uri.partition(":")[0])


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first number that no other has."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in itertools.count() if slot not in taken)


def post_worker_init(worker: Any) -> None:
    """Prepare a worker, before its first request; one that cannot be prepared ends the server."""
    worker.wsgi.container.startup_worker()
    worker.wsgi.prepare(worker.check_memory)


def worker_exit(_server: Any, worker: Any) -> None:
    """Clean up after a worker, when its last request is answered."""
    # One that could not import the model has nothing to clean up.
    if hasattr(worker, "wsgi"):
        worker.wsgi.container.cleanup_worker()
