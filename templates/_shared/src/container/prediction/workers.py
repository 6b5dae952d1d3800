"""The hooks of gunicorn: `ServingContainer` hears of each worker's start and end."""

from __future__ import annotations

from typing import Any


def post_worker_init(_worker: Any) -> None:
    """Prepare a worker, before its first request; one that cannot be prepared ends the server."""
    from container.prediction.wsgi import container

    container.startup_worker()


def worker_exit(_server: Any, _worker: Any) -> None:
    """Clean up after a worker, when its last request is answered."""
    from container.prediction.wsgi import container

    container.cleanup_worker()
