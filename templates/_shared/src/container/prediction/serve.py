"""`executor.sh serve`: nginx in front of gunicorn, started together and stopped in order."""

from __future__ import annotations

import sys
from pathlib import Path

from mldock.serving.server import Server

from container.assets import ServingContainer

NGINX_CONF = Path(__file__).with_name("nginx.conf")


def main() -> int:
    """Serve until SIGTERM and return the exit code: 1 if the model fails or a process dies."""
    with Server(app="container.prediction.wsgi:app", nginx_conf=NGINX_CONF) as server:
        container = server.container = ServingContainer(server.environment)
        server.prepare()
        container.startup()
        # On SIGTERM /ping fails, nginx drains, then gunicorn ends: no request in flight is lost.
        server.run()
    return server.exit_code


if __name__ == "__main__":
    sys.exit(main())
